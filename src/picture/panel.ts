import { max, min, quantile } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { type Column, type CurvePoint, collectColumns } from './columns.js';
import { element, escapeText, text } from './svg.js';

/** A curve and its place in the picture. */
export interface Panel {
  /** CSS class: its colour. */
  name: string;
  heading: string;
  explanation: string;
  /** Baseline of the heading. */
  headingY: number;
  /** Of the drawing area, in pixels. */
  top: number;
  height: number;
  /** x in pixels from the left edge of the drawing area, 0 to PLOT_WIDTH */
  points: CurvePoint[];
  digits: number;
  /** Whether neighbouring points are averaged. */
  isNoisy: boolean;
  /** Whether a steep beginning may lie above the panel: on a logarithmic scale it is half of the picture. */
  mayClip: boolean;
}

/** Edges of every drawing area, in pixels. */
export const LEFT = 64;
export const RIGHT = 732;
export const PLOT_WIDTH = RIGHT - LEFT;

/** Pixels that are averaged into one point of a curve. */
const COLUMN_WIDTH = 4;
/** A curve of at most so many points shows each one as a dot. */
const DOTTED_POINTS = 40;
/** The first losses are several times the later ones: so large a share of them may lie above the picture. */
const CLIPPED_SHARE = 0.03;

/**
 * The SVG elements of a panel.
 *
 * @param ticks where vertical lines of the grid stand, in pixels from the left edge of the drawing area
 */
export function drawPanel(panel: Panel, ticks: { x: number }[]): string[] {
  const { name, headingY, top, height, points, digits } = panel;
  const values = points.map(({ y }) => y).filter(Number.isFinite);
  const bottom = top + height;
  const frame = [
    element('line', {
      class: `curve ${name}`,
      x1: LEFT,
      x2: LEFT + 16,
      y1: headingY - 4,
      y2: headingY - 4,
    }),
    element(
      'text',
      { x: LEFT + 24, y: headingY },
      element('tspan', { class: 'heading' }, escapeText(panel.heading)) +
        element('tspan', { dx: 10 }, escapeText(panel.explanation)),
    ),
    ...ticks.map(({ x }) =>
      element('line', { class: 'grid', x1: LEFT + x, x2: LEFT + x, y1: top, y2: bottom }),
    ),
  ];
  const axis = element('line', { class: 'axis', x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom });
  if (values.length === 0) {
    const nothing = { x: LEFT + PLOT_WIDTH / 2, y: top + height / 2, 'text-anchor': 'middle' };
    return [...frame, axis, text('no figures', nothing)];
  }
  const range = valueRange(values, panel.mayClip);
  const scale = scaleLinear(range, [height, 0]).nice(4);
  const valueTicks = scale.ticks(4);
  const label = scale.tickFormat(4);
  const columns = panel.isNoisy
    ? collectColumns(points, COLUMN_WIDTH, PLOT_WIDTH)
    : points.map(({ x, y }): Column => ({ x, mean: y, low: y, high: y }));
  const last = columns.findLast(({ mean }) => Number.isFinite(mean))?.mean ?? values[values.length - 1];
  return [
    ...frame,
    ...valueTicks.flatMap((value) => [
      element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: top + scale(value), y2: top + scale(value) }),
      text(label(value), { x: LEFT - 8, y: top + scale(value) + 4, 'text-anchor': 'end' }),
    ]),
    axis,
    // An inner svg cuts off what lies above the panel; four pixels of room let dots and ends be whole.
    element(
      'svg',
      { x: LEFT - 4, y: top, width: PLOT_WIDTH + 8, height: height + 4 },
      element('g', { transform: 'translate(4 0)' }, drawCurve(name, columns, scale)),
    ),
    text(last.toFixed(digits), {
      class: `value ${name}-fill`,
      x: RIGHT + 8,
      y: top + Math.max(4, scale(last)) + 4,
    }),
    ...beginning(values[0], scale.domain()[1], top, digits),
  ];
}

/** A curve that enters from above says where it began. */
function beginning(first: number, highest: number, top: number, digits: number): string[] {
  if (first <= highest) return [];
  return [text(`begins at ${first.toFixed(digits)}`, { x: RIGHT - 8, y: top + 16, 'text-anchor': 'end' })];
}

/** @returns least and largest value that are shown */
function valueRange(values: number[], mayClip: boolean): [number, number] {
  const least = min(values) as number;
  const most = max(values) as number;
  const usual = quantile(values, 1 - CLIPPED_SHARE) as number;
  // Few points, or a curve without a steep beginning: all of it is shown.
  const isSteep = mayClip && values.length > DOTTED_POINTS && most - least > 1.5 * (usual - least);
  const highest = isSteep ? usual : most;
  return least < highest ? [least, highest] : [least - 0.1, least + 0.1];
}

function drawCurve(name: string, columns: Column[], scale: (value: number) => number): string {
  const isShown = (column: Column) => Number.isFinite(column.mean);
  const band = area<Column>()
    .defined(isShown)
    .x(({ x }) => x)
    .y0(({ low }) => scale(low))
    .y1(({ high }) => scale(high))
    .digits(1);
  const curve = line<Column>()
    .defined(isShown)
    .x(({ x }) => x)
    .y((column) => scale(column.mean))
    .digits(1);
  const dots =
    columns.length > DOTTED_POINTS
      ? []
      : columns
          .filter(isShown)
          .map((column) =>
            element('circle', { class: `${name}-fill`, cx: column.x, cy: scale(column.mean), r: 3 }),
          );
  return [
    element('path', { class: `band ${name}-fill`, d: band(columns) ?? '' }),
    element('path', { class: `curve ${name}`, d: curve(columns) ?? '' }),
    ...dots,
  ].join('');
}
