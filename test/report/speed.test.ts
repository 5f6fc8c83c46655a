import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { writeImage } from '../../src/image/write.js';
import { bytesPerToken, estimateSpeed } from '../../src/report/speed.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

it('a token reads matrices, norms, taps, the embedding with its multipliers, and its own row', () => {
  // d = 12, h = 22: one quad of columns for d, two for h, four bytes a row
  const block = 4 * (24 + 12 + 44 + 2 * 12) + 2 * (2 * 12) + 2 * (3 * 12);
  const expected = 2 * block + 2 * 12 + 263 * 12 + 263 * 2 + 12;
  expect(bytesPerToken(writeImage(makeRandomModel(SMALL_CONFIG, 1)))).toBe(expected);
});

describe('estimateSpeed', async () => {
  const base = await findBoard('pico');
  const board = {
    ...base,
    chip: { ...base.chip, clockHz: 100_000_000 },
    memory: { ...base.memory, flashBytesPerSecond: 10_000_000 },
    instructionsPerClock: 0.5,
  };

  it('is held down by flash, or by the core, whichever is slower', () => {
    expect(estimateSpeed(board, 1_000_000, 2_000_000)).toMatchObject({ tokensPerSecond: 10, limit: 'flash' });
    expect(estimateSpeed(board, 1_000_000, 10_000_000)).toMatchObject({
      tokensPerSecond: 5,
      limit: 'instructions',
      bytesPerToken: 1_000_000,
      instructionsPerToken: 10_000_000,
    });
  });

  it('shows its arithmetic, the limit first', () => {
    expect(estimateSpeed(board, 1_250_000, 10_000_000).arithmetic).toBe(
      'instructions: 100 MHz x 0.5 a clock / 10 million instructions a token = 5.0 tokens/s; ' +
        'flash: 10 MB/s / 1.25 MB a token = 8.0 tokens/s',
    );
  });

  it('knows flash alone where instructions were not counted', () => {
    expect(estimateSpeed(board, 1_000_000, null)).toEqual({
      bytesPerToken: 1_000_000,
      instructionsPerToken: null,
      tokensPerSecond: 10,
      limit: 'flash',
      arithmetic: 'flash: 10 MB/s / 1 MB a token = 10.0 tokens/s',
    });
  });

  it('says nothing of a board without rates', async () => {
    expect(estimateSpeed(await findBoard('host'), 1_000_000, 10_000_000)).toMatchObject({
      tokensPerSecond: null,
      limit: null,
    });
  });
});
