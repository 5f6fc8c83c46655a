import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EmulatorFirmware } from './emulator-firmware.js';

/** Connects firmware's serial port to this terminal until the person ends it (Ctrl-D or Ctrl-C). */
export async function attachTerminal({ emulator, elfFile }: EmulatorFirmware): Promise<void> {
  const child = spawn(emulator.program?.name ?? elfFile, emulator.arguments(elfFile, 'stdio'), {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.on('error', () => undefined); // the firmware's end is noticed as such
  process.stdin.on('data', (line) => child.stdin.write(line));
  process.stdin.once('end', () => child.stdin.end('\x04'));
  const stop = () => child.kill('SIGTERM');
  process.once('SIGINT', stop);
  await once(child, 'exit');
  process.off('SIGINT', stop);
  process.stdin.destroy();
}
