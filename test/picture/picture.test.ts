import { scaleLog } from 'd3-scale';
import { describe, expect, it } from 'vitest';
import { collectColumns } from '../../src/picture/columns.js';
import { element, escapeText } from '../../src/picture/svg.js';
import {
  formatAmount,
  formatTime,
  interpolate,
  logarithmicTicks,
  timeTicks,
} from '../../src/picture/ticks.js';

describe('collectColumns', () => {
  it('makes mean and range of the points of a column, and leaves empty columns out', () => {
    const points = [
      { x: 0, y: 4 },
      { x: 1, y: 2 },
      { x: 3, y: 9 },
      { x: 9, y: 5 },
    ];
    expect(collectColumns(points, 4, 12)).toEqual([
      { x: 4 / 3, mean: 5, low: 2, high: 9 },
      { x: 9, mean: 5, low: 5, high: 5 },
    ]);
  });

  it('puts the last point into the last column', () => {
    const ends = [9, 12].map((x) => ({ x, y: x - 8 }));
    const columns = collectColumns(ends, 4, 12);
    expect(columns).toEqual([{ x: 10.5, mean: 2.5, low: 1, high: 4 }]);
  });

  it('makes a gap of a column that holds one', () => {
    const points = [
      { x: 0, y: 4 },
      { x: 1, y: Number.NaN },
      { x: 5, y: Number.POSITIVE_INFINITY },
      { x: 8, y: 1 },
    ];
    expect(collectColumns(points, 4, 12).map(({ mean }) => mean)).toEqual([Number.NaN, Number.NaN, 1]);
  });

  it('is empty without points', () => {
    expect(collectColumns([], 4, 12)).toEqual([]);
  });
});

describe('ticks', () => {
  it('choose round times', () => {
    expect(timeTicks(120, 8)).toEqual([0, 15, 30, 45, 60, 75, 90, 105, 120]);
    expect(timeTicks(0.5, 8).map(formatTime)).toEqual(['0', '5 s', '10 s', '15 s', '20 s', '25 s', '30 s']);
    expect(timeTicks(100_000, 8).length).toBeLessThanOrEqual(9);
    expect(timeTicks(0, 8)).toEqual([0]);
  });

  it('write times and amounts as people do', () => {
    expect([0.5, 1, 1.5, 59, 60, 90, 125, 1440].map(formatTime)).toEqual([
      ...['30 s', '1 min', '1 min 30', '59 min', '1 h', '1 h 30', '2 h 05', '24 h'],
    ]);
    expect([0, 500, 1000, 250_000, 1.2e6, 3e9].map(formatAmount)).toEqual([
      ...['0', '500', '1k', '250k', '1.2M', '3B'],
    ]);
  });

  it('choose round numbers on a logarithmic scale, as many as have room', () => {
    const ticks = (least: number, most: number) => logarithmicTicks(scaleLog([least, most], [0, 700]), 56);
    expect(ticks(0.8e6, 4.2e6)).toEqual([8e5, 1e6, 2e6, 3e6, 4e6]);
    expect(ticks(0.9e6, 4.2e6)).toEqual([1e6, 2e6, 3e6, 4e6]);
    expect(ticks(1, 1e6)).toEqual([1, 10, 100, 1000, 1e4, 1e5, 1e6]);
    expect(ticks(1, 1000)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
    expect(ticks(1.1, 1.9)).toEqual([]);
  });

  it('interpolate between points and keep the ends', () => {
    const curve = [
      { x: 0, y: 0 },
      { x: 10, y: 100 },
      { x: 20, y: 120 },
    ];
    expect([-1, 0, 5, 10, 15, 20, 30].map((x) => interpolate(curve, x))).toEqual([
      ...[0, 0, 50, 100, 110, 120, 120],
    ]);
  });
});

describe('element', () => {
  it('escapes what XML would misread', () => {
    expect(element('text', { x: 1.23456, class: 'a"b' }, escapeText('<&>\u0007'))).toBe(
      '<text x="1.2" class="a&quot;b">&lt;&amp;&gt; </text>',
    );
    expect(element('rect', { width: 3 })).toBe('<rect width="3"/>');
  });
});
