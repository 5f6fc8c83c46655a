import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { traceOnEmulator } from '../../src/emulate/run.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { readImage } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { findModel } from '../../src/model/find.js';
import { checkParity } from '../../src/parity/parity.js';
import { PARITY_STORIES } from '../../src/parity/prompts.js';
import { MODELS } from '../firmware/models.js';

const BOARDS = ['host', 'esp32c3', 'pico', 'esp32'];

/** Short stories: these tests ask where a difference is found, not whether long stories agree. */
const SHORT_STORIES: StorySettings[] = [
  { prompt: 'a cab', tokens: 6, seed: 3, temperatureThousandths: 800, topK: 40 },
];

async function firmwareFor(image: Uint8Array, board: string) {
  return emulatorFirmware(image, await findBoard(board));
}

describe('the shipped model', async () => {
  const image = new Uint8Array(await readFile((await findModel('mcu')).image));
  const model = readImage(image);

  it('is compared on three prompts, each greedy and sampled, for 64 tokens', () => {
    expect(new Set(PARITY_STORIES.map(({ prompt }) => prompt)).size).toBe(3);
    for (const { tokens } of PARITY_STORIES) expect(tokens).toBe(64);
    expect(PARITY_STORIES.filter(({ temperatureThousandths }) => temperatureThousandths === 0)).toHaveLength(
      3,
    );
  });

  it.each(BOARDS)('computes on %s what the reference computes, at every step', async (board) => {
    const report = await checkParity(model, await firmwareFor(image, board), PARITY_STORIES);
    expect(report).toMatchObject({ status: 'match' });
    expect(report.steps).toBeGreaterThan(6 * 30);
  });

  it('tells the same story twice and on every board, token by token, checksum by checksum', async () => {
    const story: StorySettings = {
      prompt: 'Once upon a time',
      tokens: 40,
      seed: 1,
      temperatureThousandths: 800,
      topK: 40,
    };
    const first = await traceOnEmulator(await firmwareFor(image, 'host'), story);
    for (const board of [...BOARDS, 'esp32c3']) {
      expect(await traceOnEmulator(await firmwareFor(image, board), story)).toEqual(first);
    }
  });

  it.each(['esp32c3', 'pico', 'esp32'])(
    'takes the same number of instructions on %s every time',
    async (board) => {
      const firmware = await firmwareFor(image, board);
      const cost = await measureTokenCost(firmware);
      expect(cost.instructions).toBeGreaterThan(1e6);
      expect(await measureTokenCost(firmware)).toEqual(cost);
    },
  );
});

describe('firmware with one wrong weight', () => {
  const right = MODELS.small;

  it.each(['host', 'esp32c3'])('is caught on %s, and step, layer and element are named', async (board) => {
    const wrong = structuredClone(right);
    const { columns, weights } = wrong.blocks[1].mixerDown;
    const [row, column] = [5, 7];
    weights[row * columns + column] = weights[row * columns + column] === 1 ? -1 : 1;
    const report = await checkParity(right, await firmwareFor(writeImage(wrong), board), SHORT_STORIES);
    expect(report.status).toBe('broken');
    expect(report.mismatch).toMatch(
      /step 0, layer mixer_down of block 1, element 5 of 12: -?\d+ instead of -?\d+/,
    );
  });

  it('is caught when only one row of the embedding differs', async () => {
    const wrong = structuredClone(right);
    wrong.embedding[200 * right.config.dimension + 3] ^= 4;
    const report = await checkParity(right, await firmwareFor(writeImage(wrong), 'host'), SHORT_STORIES);
    expect(report.status).toBe('broken');
    expect(report.mismatch).toContain('step 0: the logits differ');
  });
});
