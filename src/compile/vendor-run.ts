import { execa } from 'execa';
import { FlashlmError } from '../errors.js';
import { fullDiskFailure, keepOutput } from './build-log.js';

/** A call of a vendor's build tool, and how to read what it says. */
export interface VendorRun {
  program: string;
  words: string[];
  /** Folder of the project; the tool's whole output is appended to build.log there. */
  directory: string;
  /** What it says when the program is larger than its partition or flash. */
  tooBig: RegExp;
}

/** GCC's, CMake's and the tools' own; `-Werror` and "0 errors" are none. */
const ERROR = /(?:^|[\s:])(?:fatal )?error[:\s]|undefined reference|^Error/i;
const LONGEST_LINE = 200;

/**
 * Runs a vendor's build tool.
 * @throws FlashlmError compile-failed with its first error; does-not-fit if the program is too large for its place;
 *   write-failed where a disk is full
 */
export async function runVendorTool({ program, words, directory, tooBig }: VendorRun): Promise<void> {
  const { exitCode, all, originalMessage } = await execa(program, words, {
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { NO_COLOR: '1', PLATFORMIO_NO_ANSI: 'true' },
  });
  // A program that cannot be started at all says nothing; the system does.
  const output = all || (originalMessage ?? '');
  const log = await keepOutput(directory, `${program} ${words.join(' ')}`, output);
  if (exitCode === 0) return;
  const fullDisk = fullDiskFailure(directory, output);
  if (fullDisk !== null) throw fullDisk;
  const lines = output.split('\n').map((line) => line.trim());
  const shortage = lines.find((line) => tooBig.test(line));
  if (shortage !== undefined) {
    throw new FlashlmError(
      'does-not-fit',
      `The program does not fit: ${shortage.slice(0, LONGEST_LINE).replace(/[.;].*$/, '')}.`,
      'Choose a smaller model, or another board; flashlm-mcu boards shows which ones fit.',
    );
  }
  const firstError =
    lines.find((line) => ERROR.test(line)) ?? `${program} ended with ${exitCode ?? 'a signal'}`;
  throw new FlashlmError(
    'compile-failed',
    `${program} cannot build the project: ${firstError.slice(0, LONGEST_LINE).replace(/\.$/, '')}.`,
    `The whole log is ${log}.`,
  );
}
