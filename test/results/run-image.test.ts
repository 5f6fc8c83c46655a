import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import { EXIT_PARITY } from '../../src/errors.js';
import { writeImage } from '../../src/image/write.js';
import { checkParity } from '../../src/parity/parity.js';
import { quantise } from '../../src/quantise/quantise.js';
import { runImage } from '../../src/results/run-image.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';

/** What is made of the outcome of a run; test/commands/results.test.ts has real firmware run. */

vi.mock(import('../../src/emulate/emulator-firmware.js'), async (original) => ({
  ...(await original()),
  emulatorFirmware: vi.fn(),
}));
vi.mock(import('../../src/emulate/token-cost.js'), async (original) => ({
  ...(await original()),
  measureTokenCost: vi.fn(),
}));
vi.mock(import('../../src/parity/parity.js'), async (original) => ({
  ...(await original()),
  checkParity: vi.fn(),
}));

const config = { vocabulary: 259, dimension: 16, blocks: 1, hidden: 24, kernel: 4, context: 16 };
const image = writeImage(quantise(makeRandomFloatModel(config, 1), new Tokenizer(['the ', 'cat']).pieces));
const MATCH = { status: 'match', target: '', steps: 12, checksum: '' } as const;

let folder: string;
let board: Board;
let elfFile: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-run-image-'));
  board = await findBoard('esp32c3');
  elfFile = path.join(folder, 'firmware.elf');
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async (context) => {
  vi.stubEnv('XDG_CACHE_HOME', path.join(folder, context.task.id));
  await writeFile(elfFile, 'one firmware');
  vi.mocked(emulatorFirmware).mockResolvedValue({ emulator: findEmulator(board.emulator), elfFile });
  vi.mocked(measureTokenCost)
    .mockReset()
    .mockResolvedValue({ instructions: 1000, ofCores: null, rows: 1, stageBytes: null, stackBytes: null });
  vi.mocked(checkParity).mockReset().mockResolvedValue(MATCH);
  return () => vi.unstubAllEnvs();
});

it('runs the same firmware once, and another one anew', async () => {
  const run = await runImage(image, board);
  expect(run).toEqual({
    ...{ board: 'esp32c3', missing: null, paritySteps: 12 },
    ...{ instructionsPerToken: 1000, instructionsPerLikeliestToken: 1000 },
  });
  expect(await runImage(image, board)).toEqual(run);
  expect(checkParity).toHaveBeenCalledTimes(1);
  await writeFile(elfFile, 'another firmware');
  await runImage(image, board);
  expect(checkParity).toHaveBeenCalledTimes(2);
});

it('publishes no figure of firmware that computes something else', async () => {
  vi.mocked(checkParity).mockResolvedValueOnce({ ...MATCH, status: 'broken', mismatch: 'step 3' });
  await expect(runImage(image, board)).rejects.toMatchObject({
    ...{ code: 'parity-broken', exitCode: EXIT_PARITY },
    what: expect.stringContaining('step 3'),
  });
  expect((await runImage(image, board)).paritySteps).toBe(12);
});

it('asks again where nothing could be counted', async () => {
  vi.mocked(measureTokenCost).mockResolvedValue({
    instructions: null,
    ofCores: null,
    rows: null,
    stageBytes: null,
    stackBytes: null,
  });
  expect(await runImage(image, board)).toMatchObject({
    ...{ instructionsPerToken: null, missing: 'cannot be counted here' },
  });
  vi.mocked(measureTokenCost).mockResolvedValue({
    instructions: 7,
    ofCores: null,
    rows: 1,
    stageBytes: null,
    stackBytes: null,
  });
  expect(await runImage(image, board)).toMatchObject({ instructionsPerToken: 7, missing: null });
});

it('does not run what does not fit', async () => {
  const small = { ...board, memory: { ...board.memory, flashBytes: 1000 }, frameworks: ['bare' as const] };
  expect(await runImage(image, small)).toMatchObject({ instructionsPerToken: null, missing: 'does not fit' });
  expect(checkParity).not.toHaveBeenCalled();
});
