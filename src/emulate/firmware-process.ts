import { execa, type Options, type ResultPromise } from 'execa';
import { helperPath } from './compiled-helper.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import type { SerialTarget } from './emulators.js';

type Streams = Pick<Options, 'stdin' | 'stdout' | 'stderr'>;
/** Settles when the firmware has ended and all that it said has been read; never rejects. */
export type FirmwareProcess<S extends Streams> = ResultPromise<S & typeof OPTIONS>;

const OPTIONS = {
  buffer: false,
  reject: false,
  // An emulator that is left behind would run for ever: it goes with this program, also on Ctrl-C.
  cleanup: true,
} as const;

/**
 * Starts firmware on its emulator.
 *
 * @param serial where its serial port leads
 * @param streams what its standard streams are connected to
 * @param extraArguments for the emulator
 */
export function spawnFirmware<S extends Streams>(
  { emulator, elfFile }: EmulatorFirmware,
  serial: SerialTarget,
  streams: S,
  extraArguments: string[] = [],
): FirmwareProcess<S> {
  const program = programOf({ emulator, elfFile });
  const words = [...emulator.arguments(elfFile, serial), ...extraArguments];
  if (serial === 'stdio' && streams.stdout === 'pipe') {
    return execa('bash', ['-c', THROUGH_A_PIPE, program, ...words], { ...streams, ...OPTIONS });
  }
  return execa(program, words, { ...streams, ...OPTIONS });
}

/**
 * Node connects its children through sockets, and a socket is full after a few hundred single bytes. QEMU's 16550 tries
 * four times and then drops a byte, so it gets a pipe, which holds 64 KiB of them. The emulator keeps the process
 * that was started, so that a signal reaches it and not a shell.
 */
const THROUGH_A_PIPE = 'exec "$0" "$@" > >(exec cat)';

/** The program that runs the firmware: the emulator, or the firmware itself. */
export function programOf({ emulator, elfFile }: EmulatorFirmware): string {
  const { program } = emulator;
  if (program === null) return elfFile;
  return program.compiled === undefined ? program.name : helperPath(program.compiled);
}

/** The last line of what a program complained of, in brackets after its name; empty if there is none. */
export function complaintOf(firmware: EmulatorFirmware, standardError: string): string {
  const line = standardError.trim().split('\n').at(-1) ?? '';
  return line === ''
    ? ''
    : ` (${line.startsWith(programOf(firmware)) ? '' : `${programOf(firmware)}: `}${line})`;
}
