import { FlashlmError } from '../errors.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { programOf, spawnFirmware } from './firmware-process.js';

const END_OF_TRANSMISSION = '\x04';

/**
 * Connects firmware's serial port to this program's standard streams until the input or the firmware ends, or the
 * person presses Ctrl-C.
 *
 * @throws FlashlmError emulator-failed
 */
export async function attachTerminal(firmware: EmulatorFirmware): Promise<void> {
  const child = spawnFirmware(firmware, 'stdio', { stdin: 'pipe', stdout: 'inherit', stderr: 'inherit' });
  child.stdin.on('error', () => undefined); // the firmware's end is noticed as such
  let isLineOpen = false;
  process.stdin.on('data', (bytes: Buffer) => {
    isLineOpen = bytes.at(-1) !== 0x0a;
    child.stdin.write(bytes);
  });
  process.stdin.once('end', () => {
    // The pipe stays open: QEMU stops listening to the firmware, too, when its input ends.
    child.stdin.write(isLineOpen ? `\n${END_OF_TRANSMISSION}` : END_OF_TRANSMISSION);
  });
  let isInterrupted = false;
  const stop = () => {
    isInterrupted = true;
    child.kill();
  };
  process.once('SIGINT', stop);
  const { exitCode } = await child;
  process.off('SIGINT', stop);
  process.stdin.destroy();
  if (exitCode === 0 || isInterrupted) return;
  throw new FlashlmError(
    'emulator-failed',
    `${programOf(firmware)} ended with ${exitCode === undefined ? 'a signal' : `the exit code ${exitCode}`}.`,
    'Run again with --verbose, or try --board host.',
  );
}
