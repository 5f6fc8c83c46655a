import type { BoardRun, MeasuredModel, Results, Rival } from '../../src/results/figures.js';

/** Figures that no model has: tests of pictures and pages are to hold for any. */

const EVALUATION = { name: 'stories.txt', sha256: '0123456789abcdef'.repeat(4), stories: 3 };

const counted = (board: string, instructionsPerToken: number): BoardRun => ({
  board,
  instructionsPerToken,
  instructionsPerLikeliestToken: instructionsPerToken - 1000,
  missing: null,
  paritySteps: 100,
});

const notCounted = (board: string, missing: string): BoardRun => ({
  board,
  instructionsPerToken: null,
  instructionsPerLikeliestToken: null,
  missing,
  paritySteps: null,
});

/** A measured model of a name and a size; what is not given is made from the size. */
export function fixedModel(
  name: string,
  bytesInFlash: number,
  given: Partial<MeasuredModel> = {},
): MeasuredModel {
  return {
    name,
    fingerprint: '89abcdef',
    parameters: 2 * bytesInFlash,
    bytesInFlash,
    bpc: 2 - Math.log10(bytesInFlash) / 6,
    charactersPerToken: 3.25,
    runs: [counted('first', 5 * bytesInFlash), counted('second', 6 * bytesInFlash)],
    ...given,
  };
}

export function fixedRival(name: string, given: Partial<Rival> = {}): Rival {
  return {
    name,
    address: 'https://example.org/rival',
    weights: 'float',
    bytesInFlash: { value: 2_000_000, source: `Somebody weighed ${name}.` },
    bpc: { value: 0.75, source: `Somebody evaluated ${name}.` },
    instructionsPerToken: { 'Core A': { value: 40_000_000, source: `Somebody counted ${name}.` } },
    ...given,
  };
}

/** Three models, of which one does not fit the first board, and two rivals, of which nobody counted one. */
export function fixedResults(given: Partial<Results> = {}): Results {
  return {
    command: 'flashlm-mcu results --data stories.txt',
    evaluation: EVALUATION,
    boards: [
      { id: 'first', name: 'First', core: 'Core A', target: 'an emulator of core A' },
      { id: 'second', name: 'Second', core: 'Core B', target: 'an emulator of core B' },
    ],
    models: [
      fixedModel('small', 200_000),
      fixedModel('middle', 1_300_000),
      fixedModel('large', 9_000_000, { runs: [notCounted('first', 'does not fit'), counted('second', 9e7)] }),
    ],
    rivals: {
      evaluation: EVALUATION,
      models: [
        fixedRival('known'),
        fixedRival('half known', {
          bpc: { value: 0.9, range: { low: 0.8, high: 1 }, source: 'Somebody guessed.' },
          instructionsPerToken: {},
        }),
      ],
    },
    ...given,
  };
}
