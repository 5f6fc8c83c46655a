import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Framework } from '../../src/boards/board.js';
import { findBoard } from '../../src/boards/load.js';
import { buildFirmware } from '../../src/build/build-firmware.js';
import { findArduinoBuilder, suitsArduinoBuilder } from '../../src/compile/arduino-builder.js';
import { readMemoryUse } from '../../src/compile/memory-use.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { findVendorTool, howToCompile } from '../../src/compile/vendor-tools.js';
import { findChipEmulator } from '../../src/emulate/chip-emulators.js';
import { generateProject } from '../../src/generate/project.js';
import { readImage } from '../../src/image/read.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { checkParity } from '../../src/parity/parity.js';
import { checkFit } from '../../src/report/fit.js';
import { IMAGES } from '../firmware/models.js';

/** Debian's arduino-builder and Arduino's own core for AVR: the real ones, and simavr for what they make. */

const isMissing = (await findArduinoBuilder()) === null;
const board = await findBoard('mega2560');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-arduino-builder-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it('suits boards of the core that Debian has, and no others', async () => {
  expect(suitsArduinoBuilder(board)).toBe(true);
  expect((await findVendorTool('arduino', await findBoard('esp32'))).tool.program).toBe('arduino-cli');
});

it('that is not installed is named with how to get it', async () => {
  const { tool } = await findVendorTool('arduino', board);
  expect(howToCompile(tool, 'Stories')).toBe(
    'arduino-builder is not installed (Debian: apt-get install arduino-builder arduino-core-avr). ' +
      'Open Stories in the Arduino IDE, or install it and run flashlm-mcu build again',
  );
});

describe.skipIf(isMissing)("with Debian's Arduino core", () => {
  it.each(['arduino', 'arduino-library'] as const)(
    'the project of %s is compiled, and the sketch itself computes what the reference computes',
    async (framework) => {
      const directory = path.join(folder, framework === 'arduino' ? 'Stories' : 'library');
      const report = await buildFirmware({
        ...{ board, image: IMAGES.memory, framework, directory, requireBinary: true },
      });
      expect(report.howToCompile).toBeNull();
      expect(report.artifacts.map((file) => path.extname(file))).toEqual(['.elf', '.hex']);
      expect(report.chipParity).toMatchObject({
        status: 'match',
        target: expect.stringContaining('the sketch itself'),
      });
      expect(report.chipParity?.steps).toBeGreaterThan(12);
      const log = await readFile(path.join(directory, 'build.log'), 'utf8');
      for (const { memory, said } of [
        { memory: report.flash, said: /Sketch uses (\d+) bytes/ },
        { memory: report.ram, said: /Global variables use (\d+) bytes/ },
      ]) {
        expect(memory).toMatchObject({ linked: true, used: Number(said.exec(log)?.[1]) });
        expect(memory.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(memory.used);
      }
    },
  );

  it('nano takes the memory that was estimated, within two percent, and computes what the reference computes', async () => {
    const image = await readModelImage(await findModel('nano'));
    const elfFile = await compileSketch('nano', image, 'arduino');
    const emulator = findChipEmulator('simavr-atmega2560');
    const stories = [{ prompt: 'Once', tokens: 4, seed: 3, temperatureThousandths: 800, topK: 40 }];
    expect(await checkParity(readImage(image), { emulator, elfFile }, stories)).toMatchObject({
      status: 'match',
    });
    const linked = await readMemoryUse(elfFile, image.length);
    const { flash, ram } = checkFit(image, board, 'arduino');
    const stack = 704;
    for (const [used, estimated] of [
      [linked.flash.model + linked.flash.program, flash.used],
      [linked.ram.variables + stack, ram.used],
    ]) {
      expect(used).toBeLessThanOrEqual(estimated);
      expect(used).toBeGreaterThan(estimated * 0.98);
    }
  });

  it('a sketch that is too large does not fit', async () => {
    const image = await readModelImage(await findModel('v4'));
    await expect(compileSketch('large', image, 'arduino')).rejects.toMatchObject({
      code: 'does-not-fit',
      exitCode: 5,
    });
  });
});

/** Generates a project and compiles it, whether or not it fits. @returns path of the ELF file */
async function compileSketch(name: string, image: Uint8Array, framework: Exclude<Framework, 'bare'>) {
  const directory = path.join(folder, name);
  const toolchain = findToolchain(board.toolchain);
  await generateProject({ image, board, framework, directory, toolchain, emulatorPort: null });
  const { tool } = await findVendorTool(framework, board);
  const artifacts = await tool.compile(directory, board);
  return artifacts.find((file) => file.endsWith('.elf')) ?? '';
}
