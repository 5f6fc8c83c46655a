import { max, mean, min } from 'd3-array';

/** A point of a curve; a y that is no finite number is a gap. */
export interface CurvePoint {
  x: number;
  y: number;
}

/** The points of a curve that fall into one narrow column of the picture, as one. */
export interface Column {
  /** Mean of the points' x. */
  x: number;
  /** Mean of the points' y; NaN where one of them is a gap, so that no failure is averaged away. */
  mean: number;
  /** Smallest and largest y; NaN in a gap. */
  low: number;
  high: number;
}

/**
 * Reduces a curve of any length to columns of equal width, which makes the running mean of a noisy curve and keeps
 * a picture of a million points small. Empty columns are left out.
 *
 * @param points in order of x, in pixels from 0 to `end`
 * @param width of a column, in pixels; a point at the very end belongs to the last whole column
 */
export function collectColumns(points: readonly CurvePoint[], width: number, end: number): Column[] {
  const lastIndex = Math.max(0, Math.ceil(end / width) - 1);
  const groups: CurvePoint[][] = [];
  let current = Number.NaN;
  for (const point of points) {
    const index = Math.min(lastIndex, Math.floor(point.x / width));
    if (index !== current) groups.push([]);
    groups[groups.length - 1].push(point);
    current = index;
  }
  return groups.map((group) => {
    const values = group.map(({ y }) => y);
    const isGap = !values.every(Number.isFinite);
    const reduced = (reduce: (values: number[]) => number | undefined) =>
      isGap ? Number.NaN : (reduce(values) ?? Number.NaN);
    return {
      x: mean(group, ({ x }) => x) as number,
      mean: reduced((numbers) => mean(numbers)),
      low: reduced((numbers) => min(numbers)),
      high: reduced((numbers) => max(numbers)),
    };
  });
}
