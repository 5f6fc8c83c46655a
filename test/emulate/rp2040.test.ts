import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RP2040 } from 'rp2040js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { buildFirmware } from '../../src/build/build-firmware.js';
import { findChipEmulator } from '../../src/emulate/chip-emulators.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { FirmwareConsole } from '../../src/emulate/firmware-console.js';
import { bootFromFlash, writeUf2ToFlash } from '../../src/emulate/rp2040/boot.js';
import { MEASURED_STORIES, measureTokenCost } from '../../src/emulate/token-cost.js';
import { UF2_FAMILY_RP2040, uf2Of } from '../../src/generate/uf2.js';
import { IMAGES } from '../firmware/models.js';

const FLASH = 0x10000000;

let folder: string;
let uf2: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-rp2040-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe("the Pico's UF2 file", () => {
  it('boots on an emulated RP2040 and computes what the reference computes', async () => {
    const directory = path.join(folder, 'pico');
    const report = await buildFirmware({
      ...{ board: await findBoard('pico'), image: IMAGES.memoryAndClusters, framework: 'bare' },
      ...{ directory, requireBinary: true },
    });
    expect(report.chipParity).toMatchObject({ status: 'match', target: expect.stringContaining('rp2040js') });
    expect(report.chipParity?.steps).toBeGreaterThan(12);
    uf2 = new Uint8Array(await readFile(path.join(directory, 'firmware.uf2')));
  });

  it('has its instructions counted, which are as many as QEMU counts on one core', async () => {
    const story = { ...MEASURED_STORIES.greedy, tokens: 4 };
    const elfFile = path.join(folder, 'pico', 'firmware.uf2');
    const symbolsFile = path.join(folder, 'pico', 'firmware.elf');
    const chip = { emulator: findChipEmulator('rp2040js'), elfFile, symbolsFile };
    const core = await emulatorFirmware(IMAGES.memoryAndClusters, await findBoard('pico'));
    const counted = await measureTokenCost(chip, story);
    const expected = await measureTokenCost(core, story);
    expect(expected.instructions).toBeGreaterThan(1e6);
    // Beside the core's code, each has a serial port of its own.
    expect((counted.instructions ?? 0) / (expected.instructions ?? 1)).toBeCloseTo(1, 2);
  });

  it.each([
    ['the boot that the ROM checks', 32 + 7, /checksum of the boot's second stage/],
    ['the magic number of a block', 512 * 3, /block 3 of the UF2 file is damaged/],
  ])('does not start with damage in %s', async (_, offset, complaint) => {
    const damaged = uf2.slice();
    damaged[offset] ^= 1;
    const file = path.join(folder, 'damaged.uf2');
    await writeFile(file, damaged);
    const firmware = { emulator: findChipEmulator('rp2040js'), elfFile: file };
    await expect(FirmwareConsole.start(firmware)).rejects.toMatchObject({
      code: 'emulator-failed',
      message: expect.stringMatching(complaint),
    });
  });

  it('is written where its blocks say; blocks for other chips are left out', () => {
    const chip = new RP2040();
    const bytes = Uint8Array.from({ length: 600 }, (_, i) => i % 251);
    writeUf2ToFlash(chip, uf2Of(bytes, FLASH + 0x1200, UF2_FAMILY_RP2040));
    expect(chip.flash.subarray(0x1200, 0x1200 + 600)).toEqual(bytes);
    const foreign = uf2Of(bytes, FLASH, UF2_FAMILY_RP2040 + 1);
    expect(() => writeUf2ToFlash(new RP2040(), foreign)).toThrow(/holds nothing for it/);
  });

  it('needs a second stage: empty flash does not start', () => {
    expect(() => bootFromFlash(new RP2040())).toThrow(/checksum/);
  });
});
