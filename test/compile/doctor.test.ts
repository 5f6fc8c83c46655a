import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { checkNode, checkTools, requireToolsOf, toolsOf } from '../../src/compile/doctor.js';
import { EXIT_MISSING } from '../../src/errors.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-doctor-'));
  vi.stubEnv('PATH', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Puts a program into PATH that answers to its version argument alone. */
async function install(name: string, answer: string, argument = '--version'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n[ "$1" = ${argument} ] && printf '${answer}'\n`, { mode: 0o755 });
  return file;
}

async function checkOf(name: string) {
  return (await checkTools()).find((check) => check.name === name);
}

describe('checkTools', () => {
  it('says where a tool lies and the first line of its version', async () => {
    const file = await install('make', 'Make 9.9\\nmore about it\\n');
    expect(await checkOf('make')).toMatchObject({
      status: 'found',
      version: 'Make 9.9',
      path: file,
      install: null,
    });
    await install('arduino-cli', 'arduino-cli 1.2.3\\n', 'version');
    expect(await checkOf('arduino-cli')).toMatchObject({ status: 'found', version: 'arduino-cli 1.2.3' });
  });

  it('lists a tool once, with all that it is for', async () => {
    const names = (await checkTools()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect((await checkOf('arm-none-eabi-gcc'))?.purpose).toBe(
      'compiles for cortex-m0plus, cortex-m4, cortex-m7, cortex-m33',
    );
  });

  it('keeps a tool that will not say its version', async () => {
    await install('gcc', '', '-version');
    expect(await checkOf('gcc')).toMatchObject({ status: 'found', version: null });
  });

  it('says how to install what is missing', async () => {
    expect(await checkOf('riscv64-unknown-elf-gcc')).toMatchObject({
      status: 'missing',
      path: null,
      install: 'apt-get install gcc-riscv64-unknown-elf',
    });
    expect(await checkOf('arduino-builder')).toMatchObject({
      status: 'missing',
      purpose: expect.stringContaining('optional'),
      install: 'apt-get install arduino-builder arduino-core-avr',
    });
    expect(await checkOf('arduino-cli')).toMatchObject({
      status: 'missing',
      install: expect.stringContaining('https://'),
    });
  });
});

describe('requireToolsOf', () => {
  it('names all that a board lacks, and no more', async () => {
    const board = await findBoard('esp32c3');
    await install('make', 'Make 9.9\\n');
    const checks = await checkTools();
    expect(() => requireToolsOf(board, checks)).toThrow(
      expect.objectContaining({
        code: 'missing-tool',
        exitCode: EXIT_MISSING,
        what: 'The board esp32c3 needs riscv64-unknown-elf-gcc, qemu-system-riscv32.',
        action: 'Install what is missing: apt-get install gcc-riscv64-unknown-elf qemu-system-misc.',
      }),
    );
  });

  it('is content with what a board needs, whatever else is missing', async () => {
    const board = await findBoard('pico');
    for (const tool of toolsOf(board)) await install(tool, '1\\n');
    const checks = await checkTools();
    expect(() => requireToolsOf(board, checks)).not.toThrow();
  });
});

it('Node.js must be 20 or newer', () => {
  expect(checkNode('v18.20.4')).toMatchObject({ status: 'too-old', install: expect.stringContaining('20') });
  expect(checkNode('v20.0.0')).toMatchObject({ status: 'found', install: null });
});
