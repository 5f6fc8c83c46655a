import { expect, it } from 'vitest';
import { type Box, placeLabels } from '../../src/picture/place-labels.js';

const AREA: Box = { x: 0, y: 0, width: 400, height: 300 };
const label = { width: 100, height: 30 };
const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

it('stands right of its point where nothing is in the way', () => {
  const [box] = placeLabels([{ x: 100, y: 100, label }], AREA, []);
  expect(box).toEqual({ x: 111, y: 85, ...label });
});

it('stays inside the picture', () => {
  const corners = [
    { x: 5, y: 5 },
    { x: 395, y: 5 },
    { x: 395, y: 295 },
    { x: 5, y: 295 },
  ];
  for (const box of placeLabels(
    corners.map((corner) => ({ ...corner, label })),
    AREA,
    [],
  )) {
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(400);
  }
});

it('hides neither points nor other labels nor what is taken', () => {
  const points = [
    { x: 200, y: 150, label },
    { x: 230, y: 154, label },
    { x: 250, y: 140, label },
  ];
  const taken = { x: 320, y: 120, width: 50, height: 50 };
  const boxes = placeLabels(points, AREA, [taken]);
  const marks = points.map(({ x, y }) => ({ x: x - 5, y: y - 5, width: 10, height: 10 }));
  for (const [i, box] of boxes.entries()) {
    expect([taken, ...marks, ...boxes.slice(i + 1)].filter((other) => overlap(box, other))).toEqual([]);
  }
});

it('finds some place for many points at one spot', () => {
  const points = Array.from({ length: 40 }, () => ({ x: 200, y: 150, label }));
  expect(placeLabels(points, AREA, [])).toHaveLength(40);
});
