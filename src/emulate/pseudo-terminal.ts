import { FlashlmError } from '../errors.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { complaintOf, programOf, spawnFirmware } from './firmware-process.js';

/** Firmware whose serial port is a pseudo-terminal of this computer. */
export interface PseudoTerminal {
  /** Path of the device, as a serial monitor opens it. */
  device: string;
  /** Settles when the firmware has ended. */
  ended: Promise<void>;
  close(): void;
}

/** What QEMU, or the host's firmware, says when its pseudo-terminal is there. */
const DEVICE_LINE = /(?:redirected to|^pty) (\/dev\/\S+)\s/m;

/**
 * Starts firmware with its serial port on a new pseudo-terminal.
 * @throws FlashlmError emulator-failed where none could be opened
 */
export async function startPseudoTerminal(firmware: EmulatorFirmware): Promise<PseudoTerminal> {
  const process = spawnFirmware(firmware, 'pty', { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const ended = process.then(() => undefined);
  let said = '';
  const device = await new Promise<string | null>((resolve) => {
    for (const stream of [process.stdout, process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const match = DEVICE_LINE.exec(said);
        if (match !== null) resolve(match[1]);
      });
    }
    ended.then(() => resolve(null));
  });
  if (device === null) {
    throw new FlashlmError(
      'emulator-failed',
      `${programOf(firmware)} opened no pseudo-terminal${complaintOf(firmware, said)}.`,
      'Check that /dev/pts is there, or run without --pty.',
    );
  }
  return { device, ended, close: () => process.kill() };
}
