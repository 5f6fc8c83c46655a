import { max, min } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import { type PictureStyle, pictureDocument } from './document.js';
import { type Box, placeLabels } from './place-labels.js';
import { element, text } from './svg.js';
import { logarithmicTicks } from './ticks.js';

/** A point with its label. */
export interface ScatterPoint {
  name: string;
  /** Above 0. */
  x: number;
  y: number;
  /** Second line of the label. */
  detail: string;
  /** Index of its series. */
  series: number;
}

/** All that a picture of points shows; plain data, so that the same points give the same bytes. */
export interface Scatter {
  title: string;
  subtitle: string;
  /** What is written at the axes; x is logarithmic, y is linear. */
  xTitle: string;
  yTitle: string;
  formatX: (x: number) => string;
  /** What the points of each series have in common; at most as many as there are marks. */
  series: string[];
  points: ScatterPoint[];
}

const WIDTH = 800;
const HEIGHT = 480;
/** Edges of the drawing area, in pixels. */
const AREA: Box = { x: 64, y: 122, width: 704, height: 290 };
const RIGHT = AREA.x + AREA.width;
const BOTTOM = AREA.y + AREA.height;

/** Points stand at least so far from the edges: a share of what they spread over. */
const MARGIN = 0.12;
/** What a single value is shown in: x within a factor, y within a difference. */
const LEAST_FACTOR = 1.5;
const LEAST_DIFFERENCE = 0.05;

/** Of a label, in pixels. The font is the reader's own: its letters are rarely wider than this. */
const LETTER_WIDTH = 6.8;
const LINE_HEIGHT = 15;
/** Room that a label of an axis needs, in pixels. */
const TICK_ROOM = 56;
const ARROW = '↙ better';

const STYLE: PictureStyle = {
  light: [
    '.series-0 { fill: #0969da; }',
    '.series-1 { fill: #bc4c00; }',
    // Lines of the grid end where a label stands.
    '.label { paint-order: stroke; stroke: #ffffff; stroke-width: 4; stroke-linejoin: round; }',
    '.better { font-style: italic; }',
  ],
  dark: ['.series-0 { fill: #58a6ff; }', '.series-1 { fill: #f0883e; }', '.label { stroke: #0d1117; }'],
};

/** Marks of the series by shape as well as colour, for those who see no difference between the colours. */
const MARKS: ((x: number, y: number, name: string) => string)[] = [
  (cx, cy, name) => element('circle', { class: name, cx, cy, r: 6 }),
  (x, y, name) => element('path', { class: name, d: `M${x} ${y - 8}l8 8l-8 8l-8 -8z` }),
];

/**
 * Labelled points against a logarithmic x, as an SVG for a README, where less is better on both axes. Follows the
 * reader's colour scheme; no script, no outside font.
 */
export function renderScatter(scatter: Scatter): string {
  const { title, subtitle, points, xTitle, yTitle } = scatter;
  const lines = [
    text(title, { class: 'title', x: AREA.x, y: 32 }),
    text(subtitle, { x: AREA.x, y: 52 }),
    ...legend(scatter.series),
    text(yTitle, { class: 'heading', x: 16, y: AREA.y - 12 }),
    text(xTitle, {
      class: 'heading',
      x: AREA.x + AREA.width / 2,
      y: HEIGHT - 20,
      'text-anchor': 'middle',
    }),
    ...(points.length === 0 ? nothing() : drawPoints(scatter)),
    element('line', { class: 'axis', x1: AREA.x, x2: RIGHT, y1: BOTTOM, y2: BOTTOM }),
  ];
  return pictureDocument({
    ...{ title, width: WIDTH, height: HEIGHT, style: STYLE, lines },
    description: describe(scatter),
  });
}

function legend(series: string[]): string[] {
  let x = AREA.x + 6;
  return series.flatMap((words, index) => {
    const row = [mark(index, x, 72), text(words, { x: x + 14, y: 76 })];
    x += words.length * LETTER_WIDTH + 36;
    return row;
  });
}

function mark(series: number, x: number, y: number): string {
  return MARKS[series](round(x), round(y), `mark series-${series}`);
}

/** A path is one string to the writer of elements, which rounds numbers only. */
function round(coordinate: number): number {
  return Number(coordinate.toFixed(1));
}

function nothing(): string[] {
  const middle = { x: AREA.x + AREA.width / 2, y: AREA.y + AREA.height / 2, 'text-anchor': 'middle' };
  return [text('no figures', middle)];
}

function drawPoints({ points, formatX }: Scatter): string[] {
  const [xScale, yScale] = scales(points);
  const yTicks = yScale.ticks(6);
  const formatY = yScale.tickFormat(6);
  const corner: Box = {
    x: AREA.x + 8,
    y: BOTTOM - 24,
    width: ARROW.length * LETTER_WIDTH,
    height: LINE_HEIGHT,
  };
  const labels = placeLabels(
    points.map((point) => ({ x: xScale(point.x), y: yScale(point.y), label: labelSize(point) })),
    AREA,
    [corner],
  );
  return [
    ...logarithmicTicks(xScale, TICK_ROOM).flatMap((value) => [
      element('line', { class: 'grid', x1: xScale(value), x2: xScale(value), y1: AREA.y, y2: BOTTOM }),
      text(formatX(value), { x: xScale(value), y: BOTTOM + 18, 'text-anchor': 'middle' }),
    ]),
    ...yTicks.flatMap((value) => [
      element('line', { class: 'grid', x1: AREA.x, x2: RIGHT, y1: yScale(value), y2: yScale(value) }),
      text(formatY(value), { x: AREA.x - 8, y: yScale(value) + 4, 'text-anchor': 'end' }),
    ]),
    text(ARROW, { class: 'better', x: corner.x, y: corner.y + 11 }),
    ...points.map(({ x, y, series }) => mark(series, xScale(x), yScale(y))),
    ...points.flatMap((point, i) => drawLabel(point, xScale(point.x), labels[i])),
  ];
}

/** @returns x to pixels, logarithmic; y to pixels */
function scales(points: ScatterPoint[]) {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [leftmost, rightmost] = [min(xs) as number, max(xs) as number];
  const factor = Math.max(LEAST_FACTOR, (rightmost / leftmost) ** MARGIN);
  const [lowest, highest] = [min(ys) as number, max(ys) as number];
  const margin = Math.max(LEAST_DIFFERENCE, (highest - lowest) * MARGIN);
  return [
    scaleLog([leftmost / factor, rightmost * factor], [AREA.x, RIGHT]),
    scaleLinear([lowest - margin, highest + margin], [BOTTOM, AREA.y]),
  ] as const;
}

function labelSize({ name, detail }: ScatterPoint): { width: number; height: number } {
  return { width: Math.max(name.length, detail.length) * LETTER_WIDTH, height: 2 * LINE_HEIGHT };
}

/** @param x of the point, in pixels */
function drawLabel({ name, detail, series }: ScatterPoint, x: number, box: Box): string[] {
  // The side of the label that is next to the point is where its text begins or ends.
  const anchor = box.x > x ? 'start' : box.x + box.width < x ? 'end' : 'middle';
  const textX = box.x + { start: 0, middle: box.width / 2, end: box.width }[anchor];
  const place = { x: textX, 'text-anchor': anchor };
  return [
    text(name, { class: `label value series-${series}`, ...place, y: box.y + 11 }),
    text(detail, { class: 'label', ...place, y: box.y + LINE_HEIGHT + 11 }),
  ];
}

function describe({ points, subtitle }: Scatter): string {
  const list = points.map(({ name, detail }) => `${name}: ${detail}.`);
  return [`${subtitle}.`, ...(list.length === 0 ? ['No figures.'] : list)].join(' ');
}
