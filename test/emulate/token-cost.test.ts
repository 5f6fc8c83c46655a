import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { programOf } from '../../src/emulate/firmware-process.js';
import { instructionCounter } from '../../src/emulate/instruction-counter.js';
import { MEASURED_STORIES, meanInterval, measureTokenCost } from '../../src/emulate/token-cost.js';
import { writeImage } from '../../src/image/write.js';
import { IMAGES, MODELS } from '../firmware/models.js';
import { SCREENED_MODELS } from '../firmware/screened-models.js';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'flashlm-count-test-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

describe('the mean of the intervals between sampled tokens', () => {
  it('leaves out the steps of the prompt', () => {
    // two steps of the prompt, then three that sample: two whole intervals
    expect(meanInterval([1000, 1010, 1020, 1120, 1240], 3)).toBe(110);
  });

  it('is unknown where fewer than two tokens were sampled', () => {
    expect(meanInterval([1000, 1010, 1020], 1)).toBeNull();
  });
});

describe('what a token costs', () => {
  it('is the same each time, and more for a larger model', async () => {
    const board = await findBoard('esp32c3');
    const small = await emulatorFirmware(IMAGES.small, board);
    const wide = await emulatorFirmware(IMAGES.wide, board);
    const cost = await measureTokenCost(small);
    expect(cost.instructions).toBeGreaterThan(0);
    expect(cost.rows).toBe(MODELS.small.config.vocabulary);
    expect(await measureTokenCost(small)).toEqual(cost);
    expect((await measureTokenCost(wide)).instructions).toBeGreaterThan(cost.instructions as number);
  });

  it.each(['esp32c3', 'pico', 'esp32'])(
    'has used some of the stack, and less than two thirds of it, on %s',
    async (id) => {
      const firmware = await emulatorFirmware(IMAGES.wide, await findBoard(id));
      const { stackBytes } = await measureTokenCost(firmware);
      expect(stackBytes).toBeGreaterThan(100);
      expect(stackBytes).toBeLessThan((1024 * 2) / 3);
    },
  );

  it('is less where the head reads few clusters', async () => {
    const board = await findBoard('esp32c3');
    const firmware = await emulatorFirmware(IMAGES.clusters, board);
    const greedy = await measureTokenCost(firmware, MEASURED_STORIES.greedy);
    expect(greedy.rows).toBeGreaterThanOrEqual(1);
    expect(greedy.rows).toBeLessThan(MODELS.clusters.config.vocabulary);
    const sampled = await measureTokenCost(firmware, MEASURED_STORIES.sampled);
    expect(sampled.rows).toBeGreaterThan(greedy.rows as number);
  });

  it('counts rows and records of a screen', async () => {
    const { skewed } = SCREENED_MODELS;
    const firmware = await emulatorFirmware(writeImage(skewed), await findBoard('host'));
    const { rows, stageBytes } = await measureTokenCost(firmware);
    expect(rows).toBeGreaterThanOrEqual(1);
    expect(rows).toBeLessThan(skewed.config.vocabulary / 2);
    // All of the first stage, rounded to a KB, and some of the others.
    expect(stageBytes).toBeGreaterThan(skewed.config.vocabulary * 8);
    expect(stageBytes).toBeLessThan(skewed.config.vocabulary * 40);
  });

  it('is known without instructions on this computer itself', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard('host'));
    expect(await measureTokenCost(firmware)).toEqual({
      instructions: null,
      ofCores: null,
      rows: MODELS.small.config.vocabulary,
      stageBytes: null,
      stackBytes: null,
    });
  });

  it('is known without instructions where nothing compiles the counter', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard('pico'));
    const programs = path.join(cache, 'programs');
    await mkdir(programs);
    for (const name of ['bash', 'cat', programOf(firmware)]) {
      await symlink((await findProgram(name)) as string, path.join(programs, name));
    }
    vi.stubEnv('PATH', programs);
    expect(await measureTokenCost(firmware)).toEqual({
      instructions: null,
      ofCores: null,
      rows: MODELS.small.config.vocabulary,
      stageBytes: null,
      stackBytes: expect.any(Number),
    });
    expect(await readdir(path.join(cache, 'flashlm-mcu'))).toEqual(['firmware']);
  });

  it('is known without instructions with a QEMU that refuses the counter', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard('pico'));
    await writeFile((await instructionCounter()) as string, 'no shared library');
    expect(await measureTokenCost(firmware)).toEqual({
      instructions: null,
      ofCores: null,
      rows: MODELS.small.config.vocabulary,
      stageBytes: null,
      stackBytes: expect.any(Number),
    });
  });
});
