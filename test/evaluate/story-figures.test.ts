import { describe, expect, it } from 'vitest';
import { figureRows } from '../../src/evaluate/figure-rows.js';
import { DEFAULT_SAMPLE, type Sample } from '../../src/evaluate/samples.js';
import { realFigures, toldFigures } from '../../src/evaluate/story-figures.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';

/** Without learned pieces a token is a byte. */
const bytes = new Tokenizer([]);

const told = (text: string, ended: boolean): Sample => ({ ...DEFAULT_SAMPLE, text, ended, sampledTokens: 9 });

describe('toldFigures', () => {
  it('count words, ends, repetition whatever the capitals, and names', () => {
    const figures = toldFigures(
      [
        told('The cat sat. "The cat, Tom, ran!"', true), // 7 words, 5 different
        told('One two three.', false),
      ],
      null,
    );
    expect(figures).toMatchObject({ stories: 2, wordsPerStory: 5, ended: 1 / 2 });
    expect(figures.repetition.distinct1).toBeCloseTo((5 / 7 + 1) / 2, 12);
    expect(figures.repetition.longestRepeat.mean).toBe(1);
    expect(figures.names).toMatchObject({ storiesWithNames: 1 / 2, lateNamesPerStory: 1 / 2 });
    expect(figures.repetitionIn100Words).toMatchObject({ stories: 0, distinct1: null });
  });

  it('compare repetition at equal length: the first hundred words of stories that have them', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => `w${i}`).join(' ');
    const figures = toldFigures([told(`${hundred} ${hundred}`, true), told('no no no', true)], null);
    expect(figures.repetition.longestRepeat.mean).toBe((100 + 1) / 2);
    expect(figures.repetition.distinct1).toBeCloseTo((1 / 2 + 1 / 3) / 2, 12);
    expect(figures.repetitionIn100Words).toMatchObject({
      stories: 1,
      distinct1: 1,
      longestRepeat: { mean: 0 },
    });
  });
});

describe('toldFigures beside real stories', () => {
  // In thirds of three words, each name in the first: Tom comes again in the last, Rosa becomes Roa.
  const stories = [
    told('Then Tom ran. He sat. Then Tom ate.', true),
    told('Then Rosa ran. She sat. Then Roa ate.', true),
  ];

  it('tell names that real stories have from names that are rare', () => {
    const { names } = toldFigures(stories, ['One day Tom sat.', 'One day Ann sat.']);
    expect(names).toMatchObject({
      storiesWithEarlyNames: 2,
      firstNameInLastThird: 1 / 2,
      firstNameKnown: { stories: 1, inLastThird: 1 },
      firstNameUnknown: { stories: 1, inLastThird: 0 },
    });
  });

  it('cannot tell them apart without real stories', () => {
    expect(toldFigures(stories, null).names).toMatchObject({ firstNameKnown: null, firstNameUnknown: null });
  });

  it('know all names of the real stories themselves', () => {
    const { names } = realFigures(['Then Tom ran. He sat. Then Tom ate.'], bytes, 100);
    expect(names.firstNameKnown).toEqual({ stories: 1, inLastThird: 1 });
    expect(names.firstNameUnknown).toEqual({ stories: 0, inLastThird: null });
  });
});

describe('realFigures', () => {
  it('count the stories whose tokens fit, the end included', () => {
    const stories = ['a'.repeat(9), 'a'.repeat(10)];
    expect(realFigures(stories, bytes, 10).ended).toBe(1 / 2);
    expect(realFigures(stories, bytes, 11).ended).toBe(1);
  });
});

describe('figureRows', () => {
  it('put the model beside the real stories, and a dash where there is nothing to count', () => {
    const model = toldFigures([told('A dog ran.', false)], null);
    const rows = figureRows('mine', { model, real: realFigures(['Then Tom met Ann. Tom ran.'], bytes, 256) });
    expect(rows[0]).toEqual(['', 'mine', 'real stories']);
    expect(rows).toContainEqual(['words in a story', '3', '6']);
    expect(rows).toContainEqual(['stories that end within the tokens', '0.0%', '100.0%']);
    expect(rows).toContainEqual(['distinct-1', '100.0%', '83.3%']);
    expect(rows).toContainEqual(['distinct-4', '-', '100.0%']);
    expect(rows).toContainEqual(['- whose first name is in the last third', '-', '100.0%']);
    expect(rows).toContainEqual(['new names after the first third, per story', '0.00', '1.00']);
    expect(rows).toContainEqual(['- - of those whose first name no real story has', '-', '-']);
    expect(figureRows('mine', { model, real: null }).every(({ length }) => length === 2)).toBe(true);
  });
});
