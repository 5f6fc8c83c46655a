import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { runVendorTool } from './vendor-run.js';

/** Below the project's folder. */
export const OUTPUT_FOLDER = 'build';
/** What is flashed, by chip: Espressif's .bin (and .merged.bin), the RP2040's .uf2, AVR's .hex; with symbols: .elf. */
const ARTIFACT = /\.ino\.(?:bin|merged\.bin|elf|hex|uf2)$/;
/** What Arduino's tools say when the program is larger than its partition or flash. */
export const TOO_BIG = /Sketch too big|text section exceeds available space|overflowed by \d+ bytes/;

/**
 * Compiles a sketch with arduino-cli, by the profile of its sketch.yaml; its output goes to build.log there.
 * @returns paths of what it made, sorted
 * @throws FlashlmError compile-failed; does-not-fit if the program is too large for its partition
 */
export async function compileWithArduino(directory: string): Promise<string[]> {
  return compile(directory, [directory]);
}

/**
 * Compiles an example of a library with arduino-cli, which needs the board's core installed; its output goes to
 * build.log in the project's folder.
 *
 * @param library folder of the library, in the project's
 * @param example name of a folder in the library's examples
 * @param fqbn the board, with its options
 * @returns paths of what it made, sorted
 * @throws FlashlmError compile-failed; does-not-fit if the program is too large for its partition
 */
export async function compileExampleWithArduino(
  directory: string,
  library: string,
  example: string,
  fqbn: string,
): Promise<string[]> {
  const folder = path.join(directory, library);
  return compile(directory, ['--fqbn', fqbn, '--library', folder, path.join(folder, 'examples', example)]);
}

async function compile(directory: string, rest: string[]): Promise<string[]> {
  const output = path.join(directory, OUTPUT_FOLDER);
  const words = ['compile', '--build-path', output, ...rest];
  await runVendorTool({ program: 'arduino-cli', words, directory, tooBig: TOO_BIG });
  return artifactsIn(output);
}

/** Paths of what can be flashed of all that Arduino's tools leave in a folder, sorted. */
export async function artifactsIn(output: string): Promise<string[]> {
  const names = await readdir(output).catch(() => []);
  return names
    .filter((name) => ARTIFACT.test(name))
    .sort()
    .map((name) => path.join(output, name));
}
