import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Board } from '../boards/board.js';
import { fqbnOf } from '../generate/arduino-context.js';
import { artifactsIn, OUTPUT_FOLDER, TOO_BIG } from './arduino-cli.js';
import { outputFailure } from './build-log.js';
import { findProgram } from './find-program.js';
import { runVendorTool } from './vendor-run.js';

export const ARDUINO_BUILDER = 'arduino-builder';
/** Debian's packages of it and of Arduino's core for AVR. */
export const ARDUINO_BUILDER_PACKAGES = 'arduino-builder arduino-core-avr';

const PLATFORM = 'arduino:avr';
const CORES = '/usr/share/arduino/hardware';
/** Where Debian says which programs its arduino-builder takes. */
const PROGRAMS = '/usr/share/arduino-builder';

/** Whether Debian has what compiles sketches for a board. */
export function suitsArduinoBuilder({ arduino }: Board): boolean {
  return arduino?.platform === PLATFORM;
}

/** Path of the program, if Arduino's core is there, too; else null. */
export async function findArduinoBuilder(): Promise<string | null> {
  const core = path.join(CORES, 'arduino', 'avr', 'boards.txt');
  return (await stat(core).catch(() => null)) === null ? null : findProgram(ARDUINO_BUILDER);
}

/**
 * Compiles a sketch with arduino-builder, as Debian has it; its output goes to build.log in the project's folder.
 *
 * @param directory of the project
 * @param sketch its `.ino`
 * @param libraries folder of libraries that the sketch may include; left out, none
 * @returns paths of what it made, sorted
 * @throws FlashlmError compile-failed; does-not-fit if the program is too large for its flash
 */
export async function compileWithArduinoBuilder(
  directory: string,
  board: Board,
  sketch: string,
  libraries?: string,
): Promise<string[]> {
  const output = path.resolve(directory, OUTPUT_FOLDER);
  await mkdir(output, { recursive: true }).catch((cause) => {
    throw outputFailure(directory, cause);
  });
  const words = [
    '-compile',
    ...['-hardware', CORES, '-hardware', PROGRAMS, '-tools', '/usr/bin'],
    ...(libraries === undefined ? [] : ['-libraries', path.resolve(libraries)]),
    ...['-fqbn', fqbnOf(board), '-build-path', output],
    // Debian's avr-gcc 5.4 declares it in C alone, and the core's WString.cpp needs it.
    '-prefs=build.extra_flags=-DDECIMAL_DIG=17',
    path.resolve(sketch),
  ];
  await runVendorTool({ program: ARDUINO_BUILDER, words, directory, tooBig: TOO_BIG });
  return artifactsIn(path.join(directory, OUTPUT_FOLDER));
}
