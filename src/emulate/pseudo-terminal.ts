import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { FlashlmError } from '../errors.js';
import type { EmulatorFirmware } from './emulator-firmware.js';

/** Firmware whose serial port is a pseudo-terminal of this computer. */
export interface PseudoTerminal {
  /** Path of the device, as a serial monitor opens it. */
  device: string;
  /** Settles when the firmware has ended. */
  ended: Promise<void>;
  close(): void;
}

/** What QEMU, or the host's firmware, says when its pseudo-terminal is there. */
const DEVICE_LINE = /(?:redirected to|^pty) (\/dev\/\S+)/m;

/**
 * Starts firmware with its serial port on a new pseudo-terminal.
 * @throws FlashlmError emulator-failed where none could be opened
 */
export async function startPseudoTerminal({ emulator, elfFile }: EmulatorFirmware): Promise<PseudoTerminal> {
  const program = emulator.program?.name ?? elfFile;
  const child = spawn(program, emulator.arguments(elfFile, 'pty'), { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit').then(() => undefined);
  const device = await Promise.race([findDevice(child), exit.then(() => null)]);
  if (device === null) {
    throw new FlashlmError(
      'emulator-failed',
      `${program} opened no pseudo-terminal.`,
      'Check that /dev/pts is there, or run without --pty.',
    );
  }
  return { device, ended: exit, close: () => child.kill('SIGTERM') };
}

function findDevice(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const match = DEVICE_LINE.exec(said);
        if (match !== null) resolve(match[1]);
      });
    }
  });
}
