import { appendFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { FlashlmError } from '../errors.js';
import { BUILD_LOG } from './make.js';

const OUTPUT_FOLDER = 'build';
/** What is flashed, by chip: Espressif's .bin (and .merged.bin), the RP2040's .uf2, AVR's .hex; with symbols: .elf. */
const ARTIFACT = /\.ino\.(?:bin|merged\.bin|elf|hex|uf2)$/;
/** What arduino-cli says when the program is larger than its partition or flash. */
const TOO_BIG = /Sketch too big|text section exceeds available space|overflowed by \d+ bytes/;

/** One line that says how to compile a sketch. */
export function howToCompileWithArduino(directory: string): string {
  return `Open ${directory} in the Arduino IDE and press Verify, or: arduino-cli compile ${directory}`;
}

/**
 * Compiles a sketch with arduino-cli, by the profile of its sketch.yaml; its output goes to build.log there.
 * @returns paths of what it made, sorted
 * @throws FlashlmError compile-failed; does-not-fit if the program is too large for its partition
 */
export async function compileWithArduino(directory: string): Promise<string[]> {
  const output = path.join(directory, OUTPUT_FOLDER);
  const words = ['compile', '--build-path', output, directory];
  const { exitCode, all } = await execa('arduino-cli', words, { all: true, reject: false });
  const log = path.join(directory, BUILD_LOG);
  await appendFile(log, `arduino-cli ${words.join(' ')}\n${all}\n`);
  if (exitCode !== 0) throw failure(all, log);
  const names = await readdir(output).catch(() => []);
  return names
    .filter((name) => ARTIFACT.test(name))
    .sort()
    .map((name) => path.join(output, name));
}

function failure(output: string, log: string): FlashlmError {
  const lines = output.split('\n').map((line) => line.trim());
  const tooBig = lines.find((line) => TOO_BIG.test(line));
  if (tooBig !== undefined) {
    return new FlashlmError(
      'does-not-fit',
      `The sketch does not fit: ${tooBig.replace(/[.;].*$/, '')}.`,
      'Choose a smaller model, or another board; flashlm-mcu boards shows which ones fit.',
    );
  }
  const firstError = lines.find((line) => /error/i.test(line)) ?? 'arduino-cli failed';
  return new FlashlmError(
    'compile-failed',
    `The sketch does not compile: ${firstError.replace(/\.$/, '')}.`,
    `The whole log is ${log}.`,
  );
}
