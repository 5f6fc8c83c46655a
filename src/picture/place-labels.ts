/** A rectangle in pixels, from its upper left corner. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A point that is to be labelled, and the size of its label. */
export interface LabelledPoint {
  x: number;
  y: number;
  label: { width: number; height: number };
}

/** Room between a point's centre and its label, in pixels. */
const GAP = 11;

/** Where a label may stand, seen from its point: -1 left or above, 0 centred, 1 right or below; the best first. */
const DIRECTIONS = [
  { x: 1, y: 0 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
  { x: 0, y: 1 },
  { x: 1, y: -1 },
  { x: 1, y: 1 },
  { x: -1, y: -1 },
  { x: -1, y: 1 },
];

/** A label that stood in the way may have found another place by then: more rounds than these gain nothing. */
const ROUNDS = 4;

/**
 * Finds places for labels beside their points: where they hide least of the points, of what stands in the picture
 * already, and of each other.
 *
 * @param area that labels are to stay inside
 * @param taken what they are not to hide
 * @returns a box for each point, in the same order
 */
export function placeLabels(points: readonly LabelledPoint[], area: Box, taken: readonly Box[]): Box[] {
  const marks = points.map(({ x, y }) => ({ x: x - GAP / 2, y: y - GAP / 2, width: GAP, height: GAP }));
  const boxes: Box[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, point] of points.entries()) {
      const others = boxes.filter((_, other) => other !== index);
      boxes[index] = bestBox(point, area, [...taken, ...marks, ...others]);
    }
  }
  return boxes;
}

function bestBox(point: LabelledPoint, area: Box, obstacles: readonly Box[]): Box {
  const choices = DIRECTIONS.map((direction) => {
    const box = boxBeside(point, direction);
    const hidden = obstacles.reduce((sum, obstacle) => sum + sharedArea(box, obstacle), 0);
    const outside = box.width * box.height - sharedArea(box, area);
    // Whole pixels: what differs by rounding alone is equally good, and the earlier direction is the better one.
    return { box, cost: Math.round(hidden + outside) };
  });
  return choices.reduce((best, other) => (other.cost < best.cost ? other : best)).box;
}

function boxBeside({ x, y, label }: LabelledPoint, direction: { x: number; y: number }): Box {
  const { width, height } = label;
  // At a corner the gap lies along the diagonal.
  const gap = direction.x !== 0 && direction.y !== 0 ? GAP * Math.SQRT1_2 : GAP;
  return {
    x: x + direction.x * (gap + width / 2) - width / 2,
    y: y + direction.y * (gap + height / 2) - height / 2,
    width,
    height,
  };
}

/** In square pixels. */
function sharedArea(a: Box, b: Box): number {
  const overlap = (from: number, length: number, otherFrom: number, otherLength: number) =>
    Math.max(0, Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom));
  return overlap(a.x, a.width, b.x, b.width) * overlap(a.y, a.height, b.y, b.height);
}
