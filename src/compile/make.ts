import { appendFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { FlashlmError } from '../errors.js';

/** The whole output of the compiler, in the project folder. */
export const BUILD_LOG = 'build.log';

/**
 * Runs `make TARGET` in a generated project; its output goes to build.log there.
 * @throws FlashlmError compile-failed with the compiler's first error
 */
export async function make(directory: string, target: 'all' | 'emulator'): Promise<void> {
  const result = await execa('make', [`-j${availableParallelism()}`, '--no-print-directory', target], {
    cwd: directory,
    env: { MAKEFLAGS: '', MAKELEVEL: '' }, // a make that runs this program must not reach into this one
    all: true,
    reject: false,
  });
  const log = path.join(directory, BUILD_LOG);
  await appendFile(log, `make ${target}\n${result.all}\n`);
  if (result.exitCode === 0) return;
  const firstError = result.all
    .split('\n')
    .find((line) => /error|undefined reference|overflowed|ASSERT|Error/.test(line));
  throw new FlashlmError(
    'compile-failed',
    `The firmware does not compile: ${firstError?.trim() ?? 'make failed'}.`,
    `The whole log is ${log}.`,
  );
}
