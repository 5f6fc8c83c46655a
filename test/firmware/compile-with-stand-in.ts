import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { TOOLCHAINS, type Toolchain } from '../../src/compile/toolchains.js';
import { filesBelow } from '../../src/files/files-below.js';

/** Headers that stand in for a vendor's, and a main program for this computer: for tests only. */
export const ARDUINO_STAND_IN = fileURLToPath(new URL('arduino-stand-in', import.meta.url));
export const ESP_IDF_STAND_IN = fileURLToPath(new URL('esp-idf-stand-in', import.meta.url));

/** Compilers of chips that have flash in their memory, so that the image is an array of C. */
export const MAPPED_TOOLCHAINS = TOOLCHAINS.filter(({ id }) => id !== 'atmega2560');

const WARNINGS = ['-O2', '-Wall', '-Wextra', '-Werror'];

/** Sources below a folder: C, C++ and sketches. */
export async function sourcesBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((file) => /\.(?:c|cpp|ino)$/.test(file));
}

type Language = 'C' | 'C++' | 'sketch';

function languageOf(source: string): Language {
  if (source.endsWith('.c')) return 'C';
  return source.endsWith('.ino') ? 'sketch' : 'C++';
}

/**
 * How a vendor's tool compiles: C as C, the rest as C++; a sketch sees Arduino.h without an include. The languages are the
 * oldest that one of them asks for: gnu99 and gnu++11 in arduino-esp32 2.0.17, which PlatformIO's espressif32 has.
 */
function optionsFor(language: Language, includes: string[]): string[] {
  const folders = includes.map((folder) => `-I${folder}`);
  if (language === 'C') return ['-std=gnu99', ...folders, ...WARNINGS];
  const sketch = language === 'sketch' ? ['-include', 'Arduino.h', '-x', 'c++'] : [];
  return ['-std=gnu++11', '-fno-exceptions', '-fno-rtti', ...folders, ...WARNINGS, ...sketch];
}

/** Sources by language, with the compiler and its options for each. */
function jobsOf(sources: string[], includes: string[]) {
  return (['C', 'C++', 'sketch'] as const)
    .map((language) => ({
      compiler: language === 'C' ? 'gcc' : 'g++',
      options: optionsFor(language, includes),
      sources: sources.filter((source) => languageOf(source) === language),
    }))
    .filter((job) => job.sources.length > 0);
}

/** Compiles sources with a cross-compiler; rejects with what it says if there is so much as a warning. */
export async function crossCompile(
  { prefix, flags }: Toolchain,
  sources: string[],
  includes: string[],
  definitions: string[] = [],
): Promise<void> {
  for (const job of jobsOf(sources, includes)) {
    const options = [...flags, ...definitions, '-ffreestanding', ...job.options, '-fsyntax-only'];
    await execa(`${prefix}${job.compiler}`, [...options, ...job.sources]);
  }
}

/** Compiles sources, whose names differ, for this computer and links them. @returns path of the program */
export async function linkForHost(
  program: string,
  sources: string[],
  includes: string[],
  definitions: string[] = [],
): Promise<string> {
  const cwd = `${program}-objects`;
  await mkdir(cwd, { recursive: true });
  for (const job of jobsOf(sources, includes)) {
    await execa(job.compiler, [...definitions, ...job.options, '-c', ...job.sources], { cwd });
  }
  const objects = (await readdir(cwd)).map((name) => path.join(cwd, name));
  expect(objects).toHaveLength(sources.length);
  await execa('g++', ['-pthread', '-o', program, ...objects]);
  return program;
}
