import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import type { Toolchain } from '../../src/compile/toolchains.js';
import { filesBelow } from '../../src/files/files-below.js';

/** Headers that stand in for a vendor's, and a main program for this computer: for tests only. */
export const ARDUINO_STAND_IN = fileURLToPath(new URL('arduino-stand-in', import.meta.url));
export const ESP_IDF_STAND_IN = fileURLToPath(new URL('esp-idf-stand-in', import.meta.url));

const WARNINGS = ['-O2', '-Wall', '-Wextra', '-Werror'];

/** Sources below a folder: C, assembly, C++ and sketches. */
export async function sourcesBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((file) => /\.(?:c|S|cpp|ino)$/.test(file));
}

const LANGUAGES = ['C', 'assembly', 'C++', 'sketch'] as const;
type Language = (typeof LANGUAGES)[number];

function languageOf(source: string): Language {
  if (source.endsWith('.c')) return 'C';
  if (source.endsWith('.S')) return 'assembly';
  return source.endsWith('.ino') ? 'sketch' : 'C++';
}

/**
 * How a vendor's tool compiles: C as C, the rest as C++; a sketch sees Arduino.h without an include. The languages are the
 * oldest that one of them asks for: gnu99 and gnu++11 in arduino-esp32 2.0.17, which PlatformIO's espressif32 has.
 */
function optionsFor(language: Language, includes: string[]): string[] {
  const folders = includes.map((folder) => `-I${folder}`);
  if (language === 'assembly') return folders;
  if (language === 'C') return ['-std=gnu99', ...folders, ...WARNINGS];
  const sketch = language === 'sketch' ? ['-include', 'Arduino.h', '-x', 'c++'] : [];
  return ['-std=gnu++11', '-fno-exceptions', '-fno-rtti', ...folders, ...WARNINGS, ...sketch];
}

/** Sources by language, with the compiler and its options for each. */
function jobsOf(sources: string[], includes: string[]) {
  return LANGUAGES.map((language) => ({
    compiler: language === 'C' || language === 'assembly' ? 'gcc' : 'g++',
    language,
    options: optionsFor(language, includes),
    sources: sources.filter((source) => languageOf(source) === language),
  })).filter((job) => job.sources.length > 0);
}

/** Compiles sources with a cross-compiler; rejects with what it says if there is so much as a warning. */
export async function crossCompile(
  { prefix, flags }: Toolchain,
  sources: string[],
  includes: string[],
  definitions: string[] = [],
): Promise<void> {
  for (const job of jobsOf(sources, includes)) {
    const options = [...flags, ...definitions, '-ffreestanding', ...job.options];
    const compiler = `${prefix}${job.compiler}`;
    if (job.language !== 'assembly') await execa(compiler, [...options, '-fsyntax-only', ...job.sources]);
    // An assembler has no such option, and takes one file at a time.
    else
      for (const source of job.sources) await execa(compiler, [...options, '-c', '-o', '/dev/null', source]);
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
