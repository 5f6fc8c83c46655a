import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { readElf } from '../../src/compile/elf.js';
import { findProgram } from '../../src/compile/find-program.js';
import { make } from '../../src/compile/make.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { generateProject } from '../../src/generate/project.js';
import { readImage } from '../../src/image/read.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { checkParity } from '../../src/parity/parity.js';
import { makeWorkspace } from './workspace.js';

const workspace = await makeWorkspace();

const FLASH_START = 0x4000;
const FLASH_END = 0x40000;
const RAM_START = 0x20000000;
const RAM_END = 0x20008000;

describe.skipIf((await findProgram('arm-none-eabi-gcc')) === null)('nano on an Uno R4, linked', async () => {
  const directory = path.join(workspace, 'nano');
  const board = await findBoard('uno-r4');
  const image = await readModelImage(await findModel('nano'));
  const toolchain = findToolchain(board.toolchain);
  await generateProject({ image, board, framework: 'bare', directory, toolchain, emulatorPort: null });
  await make(directory, 'all');
  const binary = await readFile(path.join(directory, 'firmware.bin'));
  const { symbols } = readElf(await readFile(path.join(directory, 'firmware.elf')));

  it('begins where the boot loader looks for it, and ends within the flash', () => {
    expect(symbols.get('vectors')).toBe(FLASH_START);
    expect(binary.length).toBeGreaterThan(image.length);
    expect(FLASH_START + binary.length).toBeLessThanOrEqual(FLASH_END);
    expect(binary.indexOf(image)).toBe(Number(symbols.get('flashlm_image')) - FLASH_START);
  });

  it('begins with a stack that the boot loader takes for a sign of a program, and an entry', () => {
    const stack = binary.readUInt32LE(0);
    expect(stack & 0xff000000).toBe(RAM_START);
    expect(stack).toBe(RAM_END);
    expect(stack % 8).toBe(0);
    const entry = binary.readUInt32LE(4);
    expect(entry & 1).toBe(1);
    expect(entry).toBeGreaterThan(FLASH_START);
    expect(entry).toBeLessThan(FLASH_START + binary.length);
    expect(entry - 1).toBe(Number(symbols.get('entry')) & ~1);
  });

  it('has its variables in RAM', () => {
    expect(symbols.get('data_start')).toBe(RAM_START);
    expect(Number(symbols.get('bss_end')) + 704).toBeLessThanOrEqual(RAM_END);
  });
});

it.skipIf((await findProgram('qemu-system-arm')) === null)(
  "nano's every logit is the reference's, on QEMU's Cortex-M4",
  async () => {
    vi.stubEnv('XDG_CACHE_HOME', workspace);
    onTestFinished(() => void vi.unstubAllEnvs());
    const image = await readModelImage(await findModel('nano'));
    const firmware = await emulatorFirmware(image, await findBoard('uno-r4'));
    expect(firmware.emulator.description).toContain('mps2-an386');
    const stories = [{ prompt: 'Once', tokens: 12, seed: 3, temperatureThousandths: 800, topK: 40 }];
    expect(await checkParity(readImage(image), firmware, stories)).toMatchObject({ status: 'match' });
  },
);

/** Runs the port on the stand-in; what it printed, and the registers by their names. */
async function runStandIn(start: 'reset' | 'boot-loader') {
  const folder = path.join(workspace, start);
  const firmware = path.join(PACKAGE_ROOT, 'firmware');
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  for (const name of ['support', 'uno-r4'])
    await mkdir(path.join(folder, 'ports', name), { recursive: true });
  await copyFile(path.join(firmware, 'ports', 'port.h'), path.join(folder, 'ports', 'port.h'));
  await copyFile(
    path.join(firmware, 'ports', 'uno-r4', 'port.c'),
    path.join(folder, 'ports', 'uno-r4', 'port.c'),
  );
  await copyFile(here('registers_stand_in.h'), path.join(folder, 'ports', 'support', 'registers.h'));
  await copyFile(here('ra4m1_stand_in.c'), path.join(folder, 'ra4m1_stand_in.c'));
  const flags = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-o', 'stand_in'];
  await execa('gcc', [...flags, 'ra4m1_stand_in.c', 'ports/uno-r4/port.c'], { cwd: folder });
  const { stdout, exitCode } = await execa(path.join(folder, 'stand_in'), [start], {
    reject: false,
    timeout: 10_000,
  });
  const register = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stdout)?.[1]);
  return { stdout, exitCode, register };
}

const HOCO_HERTZ = 48_000_000;

describe.skipIf((await findProgram('gcc')) === null)(
  'the port of the Uno R4, on a stand-in for its registers',
  () => {
    describe.each(['reset', 'boot-loader'] as const)('from %s', async (start) => {
      const { stdout, exitCode, register } = await runStandIn(start);

      it('writes nothing that a chip would ignore or forbid', () => {
        expect(stdout.split('\n')[0]).toMatch(/^PRCR/);
        expect(exitCode).toBe(0);
      });

      it('runs the core from the fast oscillator, with wait states, cache and the high-speed mode', () => {
        expect(register('SCKSCR')).toBe(0);
        expect((register('SCKDIVCR') >>> 24) & 7).toBe(0);
        expect(register('MEMWAIT')).toBe(1);
        expect(register('FCACHEE')).toBe(1);
        expect(register('OPCCR')).toBe(0);
      });

      it('speaks with 115200 baud, within two percent', () => {
        const peripheralHertz = HOCO_HERTZ / 2 ** ((register('SCKDIVCR') >>> 12) & 7);
        // manual, "Bit Rate Register": without the bits BGDM, ABCS and ABCSE of SEMR, and with CKS of SMR
        expect(register('SEMR')).toBe(0);
        const prescaler = 4 ** (register('SMR') & 3);
        const baud = peripheralHertz / (32 * prescaler * (register('BRR') + 1));
        expect(Math.abs(baud / 115200 - 1)).toBeLessThan(0.02);
        expect(register('SMR') & ~3).toBe(0); // 8 bits, no parity, one stop bit
        expect(register('SCR')).toBe(0x30); // sends and receives, no interrupts
      });

      it('has D0 and D1 on SCI2, and everything locked again', () => {
        expect(register('P301PFS')).toBe(0x04010010);
        expect(register('P302PFS')).toBe(0x04010000);
        expect(register('PWPR')).toBe(0x80);
        expect(register('PRCR')).toBe(0);
      });

      it('counts 750 ticks a millisecond', () => {
        const timerHertz = HOCO_HERTZ / 2 ** (register('SCKDIVCR') & 7);
        const ticks = timerHertz / 4 ** ((register('GTCR') >>> 24) & 7);
        expect(ticks).toBe(750_000);
        expect(register('GTCR') & 1).toBe(1);
      });

      it('sends, hears again after an overrun, and its time runs on when the counter wraps', () => {
        const all = Math.floor(2 ** 32 / 750);
        expect(stdout.split('\n').slice(-6)).toEqual([
          ...['sent A', 'received 1', 'received 4'],
          ...['milliseconds 5', `milliseconds ${all}`, `milliseconds ${all + 4}`],
        ]);
      });
    });
  },
);
