import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';

/** The whole output of compilers, in the project folder. */
export const BUILD_LOG = 'build.log';
/** What the system says of a disk that takes no more, in the words of every tool. */
const FULL_DISK = /no space left on device|disk quota exceeded/i;

/**
 * Appends what a tool said to build.log.
 *
 * @param command what was called, as a line
 * @returns path of the log
 * @throws FlashlmError write-failed
 */
export async function keepOutput(directory: string, command: string, output: string): Promise<string> {
  const log = path.join(directory, BUILD_LOG);
  try {
    await appendFile(log, `${command}\n${output}\n`);
  } catch (cause) {
    throw outputFailure(directory, cause);
  }
  return log;
}

/** An error for a tool that failed because a disk was full, be it the project's or that of temporary files; else null. */
export function fullDiskFailure(directory: string, output: string): FlashlmError | null {
  const line = output.split('\n').find((text) => FULL_DISK.test(text));
  return line === undefined ? null : outputFailure(directory, line.trim().replace(/\.$/, ''));
}

/** What to say when the disk refuses what a tool makes. @param cause what was thrown, or a line that says it */
export function outputFailure(directory: string, cause: unknown): FlashlmError {
  return new FlashlmError(
    'write-failed',
    `What is compiled in ${directory} could not be written: ${cause instanceof Error ? cause.message : cause}.`,
    'Make room there and for temporary files, or choose another folder.',
    { cause },
  );
}
