import { describe, expect, it } from 'vitest';
import { drawPictures } from '../../src/results/pictures.js';
import { expectWellFormed, textsOf } from '../picture/read-svg.js';
import { fixedModel, fixedResults, fixedRival } from './fixed-results.js';

/** A picture's points by series, without the marks of the legend. */
function pointsOf(svg: string): [number, number] {
  const count = (series: number) => svg.match(new RegExp(`class="mark series-${series}"`, 'g'))?.length ?? 0;
  return [count(0) - 1, count(1) - 1];
}

describe('drawPictures', () => {
  const [flash, instructions] = drawPictures(fixedResults());

  it('has a point with a label for every model and every rival', () => {
    expect(pointsOf(flash.svg)).toEqual([3, 2]);
    expect(flash.absent).toEqual([]);
    const texts = textsOf(flash.svg);
    for (const name of ['small', 'middle', 'large', 'known', 'half known']) {
      expect(texts.filter((text) => text === name)).toHaveLength(1);
    }
    expect(texts).toContain('0.750, 2 MB');
    expect(texts).toContain('0.9 (0.8 to 1), 2 MB');
  });

  it('leaves out what has no count of instructions, and says why', () => {
    expect(pointsOf(instructions.svg)).toEqual([2, 1]);
    expect(instructions.absent).toEqual([
      { name: 'large', reason: 'does not fit' },
      { name: 'half known', reason: 'no count is known' },
    ]);
    const texts = textsOf(instructions.svg);
    expect(texts).toContain('0.750, 40M');
    expect(texts).not.toContain('large');
    expect(instructions.title).toContain('Core A');
  });

  it('puts points where their figures are', () => {
    const models = [
      fixedModel('a', 1e5, { bpc: 1.2 }),
      fixedModel('b', 1e6, { bpc: 0.9 }),
      fixedModel('c', 1e7, { bpc: 0.6 }),
    ];
    const [{ svg }] = drawPictures(fixedResults({ models }));
    const circles = [...svg.matchAll(/<circle class="mark series-0" cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [a, b, c] = circles.slice(1).map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    // Equal factors are equal distances, and less is lower.
    expect(b.x - a.x).toBeCloseTo(c.x - b.x, 0);
    expect(b.y - a.y).toBeCloseTo(c.y - b.y, 0);
    expect(a.y).toBeLessThan(b.y);
    expect(a.x).toBeLessThan(b.x);
  });

  it('leaves out rivals that were evaluated on other stories', () => {
    const { evaluation, rivals } = fixedResults();
    for (const other of [
      { ...evaluation, stories: 2 },
      { ...evaluation, sha256: '0'.repeat(64) },
    ]) {
      const [picture] = drawPictures(fixedResults({ rivals: { ...rivals, evaluation: other } }));
      expect(pointsOf(picture.svg)).toEqual([3, 0]);
    }
  });

  it('is well-formed, without script or outside reference, for both colour schemes, the same each time', () => {
    const hostile = fixedResults({ models: [fixedModel('<a> & "b"\u0007', 1e6)] });
    const nothing = fixedResults({ models: [], rivals: { ...fixedResults().rivals, models: [] } });
    const alone = { ...nothing, models: [fixedModel('alone', 1)] };
    const crowd = fixedResults({
      models: Array.from({ length: 30 }, (_, i) => fixedModel(`m${i}`, 1e6 + i)),
    });
    for (const results of [fixedResults(), hostile, nothing, alone, crowd]) {
      for (const [index, { svg }] of drawPictures(results).entries()) {
        expectWellFormed(svg);
        expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|href|url\(|@import|on\w+=/);
        expect(svg).toContain('prefers-color-scheme: dark');
        expect(drawPictures(results)[index].svg).toBe(svg);
      }
    }
    expect(textsOf(drawPictures(nothing)[0].svg)).toContain('no figures');
  });

  it('describes its points to those who hear it', () => {
    const description = /<desc>([^<]*)</.exec(flash.svg)?.[1];
    expect(description).toContain('stories.txt, 3 stories');
    expect(description).toContain('known: 0.750, 2 MB.');
  });

  it('knows a rival by its core', () => {
    const rival = fixedRival('other core', {
      instructionsPerToken: { 'Core B': { value: 1e6, source: 'x' } },
    });
    const { rivals } = fixedResults();
    const [, picture] = drawPictures(fixedResults({ rivals: { ...rivals, models: [rival] } }));
    expect(pointsOf(picture.svg)).toEqual([2, 0]);
    expect(picture.absent).toContainEqual({ name: 'other core', reason: 'no count is known' });
  });
});
