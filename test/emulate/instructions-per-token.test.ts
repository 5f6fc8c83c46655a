import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { instructionCounter } from '../../src/emulate/instruction-counter.js';
import { countInstructionsPerToken, meanInterval } from '../../src/emulate/instructions-per-token.js';
import { IMAGES } from '../firmware/models.js';

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

describe('instructions are counted', () => {
  it('the same number each time, more for a larger model', async () => {
    const board = await findBoard('esp32c3');
    const small = await emulatorFirmware(IMAGES.small, board);
    const wide = await emulatorFirmware(IMAGES.wide, board);
    const count = await countInstructionsPerToken(small);
    expect(count).toBeGreaterThan(0);
    expect(await countInstructionsPerToken(small)).toBe(count);
    expect(await countInstructionsPerToken(wide)).toBeGreaterThan(count as number);
  });

  it('not on this computer itself', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard('host'));
    expect(await countInstructionsPerToken(firmware)).toBeNull();
  });

  it('not without a compiler for the counter', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard('pico'));
    vi.stubEnv('PATH', cache);
    expect(await countInstructionsPerToken(firmware)).toBeNull();
    expect(await readdir(path.join(cache, 'flashlm-mcu'))).toEqual(['firmware']);
  });

  it('not with a QEMU that refuses the counter', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard('pico'));
    await writeFile((await instructionCounter()) as string, 'no shared library');
    expect(await countInstructionsPerToken(firmware)).toBeNull();
  });
});
