import { describe, expect, it } from 'vitest';
import { bootstrapInterval } from '../../src/evaluate/confidence.js';
import { openingOf, spreadOf } from '../../src/evaluate/spread.js';
import { RandomNumbers } from '../integer/random-model.js';

describe('spreadOf', () => {
  it('gives mean, deviation, percentiles and the extremes of the stories', () => {
    // 21 figures 0.0, 0.1 ... 2.0 in a stirred order: the percentiles lie on figures and need no rule.
    const stories = Array.from({ length: 21 }, (_, i) => ((i * 8) % 21) / 10).map((bpc, i) => ({
      text: `story ${i}`,
      characters: 10 + i,
      bpc,
    }));
    const spread = spreadOf(stories);
    expect(spread.mean).toBeCloseTo(1, 12);
    // Variance of 0..20 as a sample: n (n + 1) / 12 = 38.5.
    expect(spread.standardDeviation).toBeCloseTo(Math.sqrt(38.5) / 10, 12);
    for (const [name, value] of Object.entries({ p5: 0.1, p25: 0.5, p50: 1, p75: 1.5, p95: 1.9 })) {
      expect(spread.percentiles[name as keyof typeof spread.percentiles]).toBeCloseTo(value, 12);
    }
    expect(spread.best).toEqual({ index: 0, bpc: 0, opening: 'story 0' });
    expect(spread.worst).toEqual({ index: 13, bpc: 2, opening: 'story 13' });
  });

  it('interpolates percentiles between stories', () => {
    const spread = spreadOf([3, 1].map((bpc) => ({ text: 'a', characters: 1, bpc })));
    expect(spread.percentiles).toEqual({ p5: 1.1, p25: 1.5, p50: 2, p75: 2.5, p95: 2.9 });
  });

  it('says what one story can say', () => {
    const spread = spreadOf([{ text: 'Alone.', characters: 6, bpc: 0.7 }]);
    expect(spread).toMatchObject({ mean: 0.7, standardDeviation: null, interval: null });
    expect(spread.percentiles).toEqual({ p5: 0.7, p25: 0.7, p50: 0.7, p75: 0.7, p95: 0.7 });
    expect(spread.best).toEqual(spread.worst);
  });
});

describe('openingOf', () => {
  it('cuts after eight words and puts them on one line', () => {
    expect(openingOf('One two\nthree  four five six seven eight nine')).toBe(
      'One two three four five six seven eight ...',
    );
    expect(openingOf(' Seven words are not\tcut at all. ')).toBe('Seven words are not cut at all.');
  });

  it('cuts text without spaces between characters', () => {
    expect(openingOf('🐈'.repeat(100))).toBe(`${'🐈'.repeat(80)} ...`);
  });
});

describe('bootstrapInterval', () => {
  it('is as wide as the standard error of a ratio says', () => {
    const random = new RandomNumbers(5);
    const stories = Array.from({ length: 400 }, () => {
      const characters = random.integer(300, 1500);
      return { characters, bits: characters * (0.9 + 0.12 * random.normal()) };
    });
    const total = stories.reduce((sum, { characters }) => sum + characters, 0);
    const figure = stories.reduce((sum, { bits }) => sum + bits, 0) / total;
    // The usual linearisation: each story adds (bits - figure x characters) / total characters.
    const variance = stories.reduce(
      (sum, { bits, characters }) => sum + ((bits - figure * characters) / total) ** 2,
      0,
    );
    const interval = bootstrapInterval(stories);
    if (interval === null) throw new Error('no interval');
    expect(interval).toMatchObject({ confidence: 0.95, resamples: 2000 });
    const expected = 1.96 * Math.sqrt(variance);
    expect((figure - interval.low) / expected).toBeCloseTo(1, 0.8);
    expect((interval.high - figure) / expected).toBeCloseTo(1, 0.8);
  });

  it('weighs stories by their characters, not one by one', () => {
    const long = { characters: 1e6, bits: 1e6 };
    const short = { characters: 1, bits: 5 };
    const interval = bootstrapInterval([long, long, long, long, long, short]);
    expect(interval?.low).toBe(1);
    expect(interval?.high).toBeLessThan(1.0001);
  });

  it('is the same each time', () => {
    const stories = [1, 2, 3].map((bits) => ({ bits, characters: 2 }));
    expect(bootstrapInterval(stories)).toEqual(bootstrapInterval(stories));
    expect(bootstrapInterval(stories.slice(0, 1))).toBeNull();
  });
});
