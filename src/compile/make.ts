import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { FlashlmError } from '../errors.js';
import { fullDiskFailure, keepOutput } from './build-log.js';

/** What GNU ld says when a memory is too small, by itself and by the linker scripts of firmware/ports. */
const OVERFLOW = /region .(\w+)' overflowed by (\d+) bytes/;
const FAILED_ASSERTION = /ld: (The model[^\n.]*)/;

/**
 * Runs `make TARGET` in a generated project; its output goes to build.log there.
 * @throws FlashlmError compile-failed with the compiler's first error; does-not-fit if a memory is too small for what is linked;
 *   write-failed where a disk is full
 */
export async function make(directory: string, target: 'all' | 'emulator'): Promise<void> {
  const result = await execa('make', [`-j${availableParallelism()}`, '--no-print-directory', target], {
    cwd: directory,
    env: { MAKEFLAGS: '', MAKELEVEL: '' }, // a make that runs this program must not reach into this one
    all: true,
    reject: false,
  });
  const log = await keepOutput(directory, `make ${target}`, result.all);
  if (result.exitCode === 0) return;
  const fullDisk = fullDiskFailure(directory, result.all);
  if (fullDisk !== null) throw fullDisk;
  const shortage = shortageIn(result.all);
  if (shortage !== null) {
    throw new FlashlmError(
      'does-not-fit',
      `The linked firmware does not fit: ${shortage}.`,
      'Choose a smaller model, or another board; flashlm-mcu boards shows which ones fit.',
    );
  }
  const firstError = result.all
    .split('\n')
    .find((line) => /error|undefined reference|overflowed|ASSERT|Error/.test(line));
  throw new FlashlmError(
    'compile-failed',
    `The firmware does not compile: ${firstError?.trim() ?? 'make failed'}.`,
    `The whole log is ${log}.`,
  );
}

/** Which memory is too small, by what the linker says; null if none is. */
function shortageIn(output: string): string | null {
  const overflow = OVERFLOW.exec(output);
  if (overflow !== null) return `${overflow[1]} lacks ${Number(overflow[2]).toLocaleString('en-US')} bytes`;
  return FAILED_ASSERTION.exec(output)?.[1] ?? null;
}
