import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repetitionFigures, repetitionOf } from '../../src/evaluate/repetition.js';

const words = (text: string) => text.split(' ');

describe('repetitionOf', () => {
  it('counts different runs of words, and the longest span that comes twice', () => {
    const story = repetitionOf(words('the cat sat and the cat and the cat'));
    // the, cat, sat, and: 4 different of 9.
    expect(story.distinct[0]).toBeCloseTo(4 / 9, 12);
    // the-cat (3), cat-sat, sat-and, and-the (2), cat-and: 5 different of 8.
    expect(story.distinct[1]).toBeCloseTo(5 / 8, 12);
    // the-cat-sat, cat-sat-and, sat-and-the, and-the-cat (2), the-cat-and, cat-and-the: 6 different of 7.
    expect(story.distinct[2]).toBeCloseTo(6 / 7, 12);
    expect(story.distinct[3]).toBe(1);
    // "and the cat" stands at places 3 and 6.
    expect(story.longestRepeat).toBe(3);
  });

  it('knows a text without repetition, and texts that are too short to have any', () => {
    expect(repetitionOf(words('one two three four five'))).toEqual({
      distinct: [1, 1, 1, 1],
      longestRepeat: 0,
    });
    expect(repetitionOf(words('oh no'))).toEqual({ distinct: [1, 1, null, null], longestRepeat: 0 });
    expect(repetitionOf([])).toEqual({ distinct: [null, null, null, null], longestRepeat: 0 });
  });

  it('does not let the two places overlap', () => {
    expect(repetitionOf(words('ha ha ha ha ha')).longestRepeat).toBe(2);
    expect(repetitionOf(words('ha ha')).longestRepeat).toBe(1);
  });

  it('finds what trying all spans at all places finds', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 });
    fc.assert(
      fc.property(text, (list) => {
        expect(repetitionOf(list).longestRepeat).toBe(longestByTrying(list));
      }),
      { numRuns: 500 },
    );
  });

  it('is quick with a long text that is one loop', () => {
    const loop = Array.from({ length: 200_000 }, (_, place) => `word ${place % 1000}`);
    expect(repetitionOf(loop).longestRepeat).toBe(100_000);
  });
});

describe('repetitionFigures', () => {
  it('are means over stories, of those that are long enough', () => {
    const figures = repetitionFigures([
      { distinct: [0.5, 0.75, 1, 1], longestRepeat: 4 },
      { distinct: [1, 1, null, null], longestRepeat: 0 },
    ]);
    expect(figures).toEqual({
      stories: 2,
      ...{ distinct1: 0.75, distinct2: 0.875, distinct3: 1, distinct4: 1 },
      longestRepeat: { mean: 2, p90: expect.closeTo(3.6, 12) },
    });
    expect(repetitionFigures([])).toMatchObject({
      stories: 0,
      distinct1: null,
      longestRepeat: { mean: null, p90: null },
    });
  });
});

function longestByTrying(list: string[]): number {
  for (let length = Math.floor(list.length / 2); length > 0; length--) {
    for (let first = 0; first + 2 * length <= list.length; first++) {
      for (let second = first + length; second + length <= list.length; second++) {
        if (list.slice(first, first + length).every((word, i) => word === list[second + i])) return length;
      }
    }
  }
  return 0;
}
