import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { writeImage } from '../../src/image/write.js';
import { freeRamForWeights } from '../../src/report/free-ram.js';
import { bytesPerToken, estimateSpeed, weightSourceOf } from '../../src/report/speed.js';
import { formatStagingGain, planSpeed } from '../../src/report/speed-plan.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

const image = writeImage(makeRandomModel(SMALL_CONFIG, 1));
const read = bytesPerToken(image);
const { secondCore: _, ...pico } = await findBoard('pico');
/** Of its 1 MB/s of flash and a million instructions a second, a token wants all that its bytes and instructions say. */
const board = {
  ...pico,
  chip: { ...pico.chip, clockHz: 1_000_000 },
  instructionsPerClock: 1,
  memory: { ...pico.memory, flashBytesPerSecond: 1_000_000 },
};

/** As chosen and estimated for a token of so many instructions. */
function plan(instructionsPerToken: number | null, cores: 1 | 2 = 1, on = board) {
  const cost =
    instructionsPerToken === null ? null : { bytesPerToken: read, instructionsPerToken, cores: 1 as const };
  return planSpeed({ image, board: on, framework: 'bare', cores, cost });
}

describe('weights are copied into RAM', () => {
  it('as many as make the core the limit, and no section more', () => {
    const { staging, estimate, estimateWithoutStaging } = plan(read - 500);
    expect(staging.bytes).toBeGreaterThanOrEqual(500);
    expect(staging.bytes).toBeLessThan(plan(null).staging.bytes);
    expect(estimate.limit).toBe('instructions');
    expect(estimateWithoutStaging.limit).toBe('flash');
    const source = weightSourceOf(board, 'bare', image.length);
    const work = { bytesPerToken: read, instructionsPerToken: read - 500 };
    const withFewer = estimateSpeed(board, source, { ...work, stagedBytes: 499 });
    expect(withFewer.limit).toBe('flash');
    expect(formatStagingGain(estimate, estimateWithoutStaging)).toMatch(
      /^without copies in RAM: [\d.]+ tokens\/s$/,
    );
  });

  it('not at all where flash is faster than the core, and the report says so', () => {
    const { staging, estimate, estimateWithoutStaging } = plan(read + 100);
    expect(staging.bytes).toBe(0);
    expect(estimate).toEqual(estimateWithoutStaging);
    expect(formatStagingGain(estimate, estimateWithoutStaging)).toBe(
      'no weights are copied into RAM: flash is faster than the core',
    );
  });

  it('as many as there is room for where that does not suffice, or the instructions are not known', () => {
    const most = plan(null).staging.bytes;
    expect(most).toBeGreaterThan(500);
    expect(most).toBeLessThanOrEqual(freeRamForWeights(image, board, 'bare'));
    expect(plan(1).staging.bytes).toBe(most);
  });

  it('for two cores as if these shared the work evenly', () => {
    const two = { ...board, secondCore: { source: 'a test' } };
    expect(plan(2 * (read - 500), 2, two).staging).toEqual(plan(read - 500).staging);
    expect(plan(2 * (read - 500), 1, two).staging.bytes).toBe(0);
  });

  it('as many as there is room for where the core waits for flash', () => {
    const paged = { ...board, memory: { ...board.memory, paged: { bytes: 512 } } };
    expect(plan(read * 2, 1, paged).staging.bytes).toBe(plan(null, 1, paged).staging.bytes);
    expect(plan(read * 2, 1, paged).staging.bytes).toBeGreaterThan(0);
  });
});
