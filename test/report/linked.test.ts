import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { coresFor } from '../../src/boards/cores.js';
import { findBoard } from '../../src/boards/load.js';
import { make } from '../../src/compile/make.js';
import { readMemoryUse } from '../../src/compile/memory-use.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import { generateProject } from '../../src/generate/project.js';
import { readImage } from '../../src/image/read.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { PRESETS } from '../../src/model/presets.js';
import { checkParity } from '../../src/parity/parity.js';
import { checkFit, requireFit } from '../../src/report/fit.js';
import { imageWithPieces } from './image.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-fit-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const LARGEST_ERROR = 0.02;

it.each([
  ['esp32c3', 'nano', 4],
  ['pico', 'nano', 4],
  ['uno-r4', 'nano', 4],
  ['esp32c3', 'mcu', 6],
  ['pico', 'mcu', 6],
  ['esp32c3', 'v4', 6],
] as const)(
  'what the linker needs for %s and %s is what was estimated, within two percent',
  async (id, preset, bytesOfPiece) => {
    const board = await findBoard(id);
    const image = imageWithPieces(PRESETS[preset], bytesOfPiece);
    const { elfFile } = await emulatorFirmware(image, board, {
      stagingRamBytes: 0,
      wantedCores: coresFor(board),
    });
    const linked = await readMemoryUse(elfFile, image.length);
    const estimate = checkFit(image, board, 'bare');
    expect(linked.flash.model).toBe(estimate.flash.model);
    for (const [used, estimated] of [
      [linked.flash.model + linked.flash.program, estimate.flash.used],
      [linked.ram.variables + linked.ram.stack, estimate.ram.used],
    ]) {
      expect(used).toBeLessThanOrEqual(estimated);
      expect(used).toBeGreaterThan(estimated * (1 - LARGEST_ERROR));
    }
  },
);

it.each([
  ['esp32c3', 'mcu', 6],
  ['pico', 'mcu', 6],
  ['uno-r4', 'nano', 4],
] as const)(
  '%s has room for the weights of %s that are staged, and little is left',
  async (id, preset, bytesOfPiece) => {
    const board = await findBoard(id);
    const image = imageWithPieces(PRESETS[preset], bytesOfPiece);
    const { elfFile } = await emulatorFirmware(image, board);
    const { ram } = await readMemoryUse(elfFile, image.length);
    expect(ram.variables + ram.stack).toBeLessThanOrEqual(board.memory.ramBytes);
    expect(ram.variables + ram.stack).toBeGreaterThan(board.memory.ramBytes * 0.9);
  },
);

it('nano keeps within 6 KB of RAM, stack included, with the kernel that needs no tables', async () => {
  const { secondCore: _, ...pico } = await findBoard('pico');
  const board = { ...pico, memory: { ...pico.memory, ramBytes: 6 * 1024 } };
  const image = await readModelImage(await findModel('nano'));
  const directory = path.join(folder, 'six-kilobytes');
  const toolchain = findToolchain(board.toolchain);
  const request = { image, board, framework: 'bare', directory, toolchain, emulatorPort: null } as const;
  expect(requireFit(image, board, 'bare').fits).toBe(true);
  expect((await generateProject(request)).kernel).toBe('plain');
  await make(directory, 'all');
  const { ram } = await readMemoryUse(path.join(directory, 'firmware.elf'), image.length);
  expect(ram.variables + ram.stack).toBeLessThanOrEqual(6 * 1024);
  const firmware = await emulatorFirmware(image, board, { stagingRamBytes: 0 });
  const stories = [{ prompt: 'Once', tokens: 8, seed: 1, temperatureThousandths: 800, topK: 40 }];
  expect(await checkParity(readImage(image), firmware, stories)).toMatchObject({ status: 'match' });
  const { stackBytes } = await measureTokenCost(firmware);
  expect(stackBytes).toBeLessThan(ram.stack);
});

/** Memory of a model that ships on an ESP32-C3, all weights left in flash; and what of its stack a story used. */
async function onEsp32c3(model: string) {
  const image = await readModelImage(await findModel(model));
  const firmware = await emulatorFirmware(image, await findBoard('esp32c3'), { stagingRamBytes: 0 });
  const { ram } = await readMemoryUse(firmware.elfFile, image.length);
  const { stackBytes } = await measureTokenCost(firmware);
  return { image, ram, stackBytes };
}

it('the whole firmware of v4 keeps within 40 KB of RAM, stack included, with its fastest kernel', async () => {
  const { ram, stackBytes } = await onEsp32c3('v4');
  expect(ram.variables + ram.stack).toBeLessThanOrEqual(40 * 1024);
  expect(stackBytes).toBeLessThan(ram.stack);
});

it('mcu keeps within 64 KB of RAM, kernel tables included, and 1.6 MB of flash', async () => {
  const { image, ram, stackBytes } = await onEsp32c3('mcu');
  expect(ram.variables + ram.stack).toBeLessThanOrEqual(64 * 1024);
  expect(stackBytes).toBeLessThan(ram.stack);
  expect(image.length).toBeLessThanOrEqual(1_600_000);
});
