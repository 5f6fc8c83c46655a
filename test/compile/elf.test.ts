import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readElf } from '../../src/compile/elf.js';
import { readMemoryUse } from '../../src/compile/memory-use.js';

const SOURCE = `
const char image[1000] = {1};
int initialised[5] = {1, 2, 3, 4, 5};
int zeroed[70];
static int hidden(int x) { return x * initialised[1]; }
int entry(void) { zeroed[3] = image[7]; return hidden(zeroed[4]); }
`;

/** Compilers of 64-bit and of 32-bit ELF files; the flags leave everything out that SOURCE does not define. */
const COMPILERS = [
  { prefix: '', flags: ['-static', '-no-pie'] },
  { prefix: 'riscv64-unknown-elf-', flags: ['-march=rv32imc_zicsr', '-mabi=ilp32'] },
];

describe.each(COMPILERS)('an ELF file of $prefixgcc', ({ prefix, flags }) => {
  let folder: string;
  let program: string;
  const tool = async (name: string, ...toolArguments: string[]) =>
    (await execa(`${prefix}${name}`, [...toolArguments, program])).stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flashlm-elf-'));
    program = path.join(folder, 'program.elf');
    const source = path.join(folder, 'program.c');
    await writeFile(source, SOURCE);
    await execa(`${prefix}gcc`, [
      ...flags,
      ...['-O1', '-ffreestanding', '-fno-inline', '-nostdlib', '-nostartfiles', '-Wl,-e,entry'],
      ...['-Wl,--defsym=stack_bytes=4096', '-o', program, source],
    ]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('has the sections that size lists', async () => {
    const { sections } = readElf(await readFile(program));
    const listed = (await tool('size', '-A'))
      .filter(([name, bytes]) => name?.startsWith('.') && /^\d+$/.test(bytes))
      .map(([name, bytes]) => ({ name, bytes: Number(bytes) }));
    expect(listed.length).toBeGreaterThan(3);
    for (const section of listed) expect(sections).toContainEqual(expect.objectContaining(section));
  });

  it('has the symbols that nm lists, at their addresses', async () => {
    const { symbols } = readElf(await readFile(program));
    const listed = (await tool('nm')).filter(([address]) => /^[0-9a-f]+$/.test(address));
    expect(listed.map(([, , name]) => name)).toEqual(
      expect.arrayContaining(['image', 'initialised', 'zeroed', 'hidden', 'entry', 'stack_bytes']),
    );
    for (const [address, , name] of listed) expect(symbols.get(name)).toBe(Number.parseInt(address, 16));
  });

  it('takes the memory that size says', async () => {
    const [, [text, data, bss]] = await tool('size');
    const { flash, ram } = await readMemoryUse(program, 1000);
    expect(flash.model + flash.program).toBe(Number(text) + Number(data));
    expect(flash.model).toBe(1000);
    expect(ram.variables).toBe(Number(data) + Number(bss));
    expect(ram.stack).toBe(4096);
  });
});

it('anything else is refused', () => {
  expect(() => readElf(new Uint8Array(100))).toThrow(/no little-endian ELF file/);
  expect(() => readElf(new Uint8Array(3))).toThrow(/no little-endian ELF file/);
});
