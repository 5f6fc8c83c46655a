import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { writeImage } from '../../src/image/write.js';
import { makeScreen } from '../../src/quantise/screen/screen.js';
import { bytesPerToken, estimateSpeed, weightSourceOf } from '../../src/report/speed.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

describe('a token reads', () => {
  // d = 12, h = 22: one quad of columns for d, two for h, four bytes a row
  const blocks = 2 * (4 * (24 + 12 + 44 + 2 * 12) + 2 * (2 * 12) + 2 * (3 * 12));
  const finalNorm = 2 * 12;
  const embeddingRow = 12 + 2;

  it('matrices, norms, taps, the embedding with its multipliers, and its own row', () => {
    const image = writeImage(makeRandomModel(SMALL_CONFIG, 1));
    expect(bytesPerToken(image)).toBe(blocks + finalNorm + 263 * embeddingRow + embeddingRow);
  });

  it('with clusters, all of these, and only the rows that the head asks for', () => {
    const image = writeImage(makeRandomModel({ ...SMALL_CONFIG, clusters: 11 }, 1));
    const clusters = 11 * embeddingRow + 2 * 12;
    const always = blocks + finalNorm + clusters + embeddingRow + 2;
    expect(bytesPerToken(image, 40)).toBe(always + 40 * (embeddingRow + 2));
    expect(bytesPerToken(image)).toBe(Math.round(always + (263 / 11) * (embeddingRow + 2)));
  });

  it('with a screen, its transform, the rows that the head asks for, and what is read of its stages', () => {
    const model = makeRandomModel(SMALL_CONFIG, 1);
    const image = writeImage({ ...model, screen: makeScreen(model) });
    const always = blocks + finalNorm + embeddingRow + 12 * 12 + 12;
    expect(bytesPerToken(image, 40, 3000)).toBe(always + 40 * (embeddingRow + 2) + 3000);
    expect(bytesPerToken(image)).toBe(always + embeddingRow + 2 + 263 * 8);
  });
});

describe('estimateSpeed', async () => {
  const base = await findBoard('pico');
  const board = {
    ...base,
    chip: { ...base.chip, clockHz: 100_000_000 },
    instructionsPerClock: 0.5,
  };

  const FLASH = { memory: 'flash', bytesPerSecond: 10_000_000 } as const;
  const work = (bytesPerToken: number, instructionsPerToken: number | null, stagedBytes = 0) => ({
    bytesPerToken,
    stagedBytes,
    instructionsPerToken,
  });

  it('is held down by both where one waits for the other', () => {
    const paged = { ...board, memory: { ...board.memory, paged: { bytes: 512 } } };
    expect(estimateSpeed(paged, FLASH, work(1_000_000, 10_000_000))).toMatchObject({
      tokensPerSecond: expect.closeTo(1 / (0.1 + 0.2), 6),
      limit: 'instructions',
      arithmetic: expect.stringMatching(/; one after the other: 3\.3 tokens\/s$/),
    });
    expect(estimateSpeed(paged, FLASH, work(1_000_000, null)).tokensPerSecond).toBe(10);
  });

  it('is held down by flash, or by the core, whichever is slower', () => {
    expect(estimateSpeed(board, FLASH, work(1_000_000, 2_000_000))).toMatchObject({
      tokensPerSecond: 10,
      limit: 'flash',
    });
    expect(estimateSpeed(board, FLASH, work(1_000_000, 10_000_000))).toMatchObject({
      tokensPerSecond: 5,
      limit: 'instructions',
      bytesPerToken: 1_000_000,
      instructionsPerToken: 10_000_000,
    });
  });

  it('shows its arithmetic, the limit first', () => {
    expect(estimateSpeed(board, FLASH, work(1_250_000, 10_000_000)).arithmetic).toBe(
      'instructions: 100 MHz x 0.5 a clock / 10 million instructions a token = 5.0 tokens/s; ' +
        'flash: 10 MB/s / 1.25 MB a token = 8.0 tokens/s',
    );
  });

  it('knows flash alone where instructions were not counted', () => {
    expect(estimateSpeed(board, FLASH, work(1_000_000, null))).toEqual({
      bytesPerToken: 1_000_000,
      stagedBytes: 0,
      instructionsPerToken: null,
      tokensPerSecond: 10,
      limit: 'flash',
      ceilings: [
        { limit: 'flash', tokensPerSecond: 10, arithmetic: '10 MB/s / 1 MB a token = 10.0 tokens/s' },
      ],
      arithmetic: 'flash: 10 MB/s / 1 MB a token = 10.0 tokens/s',
    });
  });

  it('does not ask the flash for what lies in RAM', () => {
    expect(estimateSpeed(board, FLASH, work(1_000_000, null, 200_000))).toMatchObject({
      tokensPerSecond: 12.5,
      arithmetic: 'flash: 10 MB/s / (1 MB - 200 kB in RAM) a token = 12.5 tokens/s',
    });
    expect(estimateSpeed(board, FLASH, work(200_000, 10_000_000, 200_000)).limit).toBe('instructions');
  });

  it('says nothing of a board without rates', async () => {
    const host = await findBoard('host');
    const source = weightSourceOf(host, 'bare', 1_000_000);
    expect(estimateSpeed(host, source, work(1_000_000, 10_000_000))).toMatchObject({
      tokensPerSecond: null,
      limit: null,
      ceilings: [],
    });
  });
});

describe('weights that are not in the RAM of the chip', async () => {
  const board = await findBoard('esp32s3-psram');
  const bytes = board.memory.externalRam?.bytes ?? 0;

  it('lie in external RAM if the image fits it, and else in flash', () => {
    expect(weightSourceOf(board, 'arduino', bytes)).toEqual({
      memory: 'external RAM',
      bytesPerSecond: 43_000_000,
    });
    expect(weightSourceOf(board, 'arduino', bytes + 1)).toEqual({
      memory: 'flash',
      bytesPerSecond: 20_000_000,
    });
  });

  it('lie in flash without external RAM, and where no framework finds it', async () => {
    expect(weightSourceOf(board, 'bare', 1000).memory).toBe('flash');
    expect(weightSourceOf(await findBoard('esp32s3'), 'arduino', 1000).memory).toBe('flash');
  });
});
