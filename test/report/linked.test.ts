import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { readMemoryUse } from '../../src/compile/memory-use.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { PRESETS } from '../../src/model/presets.js';
import { checkFit } from '../../src/report/fit.js';
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

it.each(['esp32c3', 'pico'])('what the linker needs for %s keeps within the estimate', async (id) => {
  const board = await findBoard(id);
  const image = imageWithPieces(PRESETS.nano, 4);
  const { elfFile } = await emulatorFirmware(image, board);
  const linked = await readMemoryUse(elfFile, image.length);
  const estimate = checkFit(image, board, 'bare');
  expect(linked.flash.model).toBe(estimate.flash.model);
  expect(linked.flash.program).toBeLessThan(estimate.flash.allowance);
  expect(linked.ram.stack).toBeGreaterThan(0);
  expect(linked.ram.stack).toBeLessThanOrEqual(estimate.ram.allowance);
  expect(linked.ram.variables).toBeLessThanOrEqual(estimate.ram.model);
  expect(linked.ram.variables).toBeGreaterThan(estimate.ram.model * 0.9);
});
