import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { FlashlmError } from '../errors.js';
import { BUILD_LOG } from './make.js';

const OUTPUT_FOLDER = 'build';

/** One line that says how to compile a sketch. */
export function howToCompileWithArduino(directory: string): string {
  return `Open ${directory} in the Arduino IDE and press Verify, or: arduino-cli compile ${directory}`;
}

/**
 * Compiles a sketch with arduino-cli, by the profile of its sketch.yaml.
 * @returns paths of what it made
 * @throws FlashlmError compile-failed
 */
export async function compileWithArduino(directory: string): Promise<string[]> {
  const output = path.join(directory, OUTPUT_FOLDER);
  const result = await execa('arduino-cli', ['compile', '--build-path', output, directory], {
    all: true,
    reject: false,
  });
  const log = path.join(directory, BUILD_LOG);
  await appendFile(log, `${result.command}\n${result.all}\n`);
  if (result.exitCode !== 0) {
    const firstError =
      result.all.split('\n').find((line) => /error|Error/.test(line)) ?? 'arduino-cli failed';
    throw new FlashlmError(
      'compile-failed',
      `The sketch does not compile: ${firstError.trim()}.`,
      `See ${log}.`,
    );
  }
  const name = path.basename(directory);
  return ['bin', 'elf'].map((extension) => path.join(output, `${name}.ino.${extension}`));
}
