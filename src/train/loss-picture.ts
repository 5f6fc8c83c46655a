import { max, min, quantile } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import { area, line } from 'd3-shape';
import { type Column, type CurvePoint, collectColumns } from '../picture/columns.js';
import { element, escapeText } from '../picture/svg.js';
import { formatAmount, formatTime, interpolate, MINUTE_STEPS, timeTicks } from '../picture/ticks.js';

/** What a picture of a run needs; both lists in order of tokens, repeated and resumed parts included once. */
export interface LossHistory {
  /** Stands above the picture: "v4, 4.4 million parameters". */
  title: string;
  training: TrainingLossPoint[];
  heldOut: HeldOutPoint[];
}

export interface TrainingLossPoint {
  /** Tokens seen so far. */
  tokens: number;
  /** Spent in training so far. */
  minutes: number;
  /** Nats per token: of a batch, or the mean since the point before. No finite number: a gap. */
  loss: number;
}

export interface HeldOutPoint {
  tokens: number;
  minutes: number;
  /** Bits per character on held-out stories. No finite number: a gap. */
  bpc: number;
}

export interface LossPictureOptions {
  /** Tokens on a logarithmic scale; the default is a linear one. */
  logarithmic?: boolean;
}

/** A curve and its place in the picture. */
interface Panel {
  /** CSS class: its colour. */
  name: string;
  heading: string;
  explanation: string;
  /** Of the drawing area, in pixels. */
  top: number;
  height: number;
  points: CurvePoint[];
  digits: number;
  /** Whether neighbouring points are averaged. */
  isNoisy: boolean;
  /** Whether a steep beginning may lie above the panel: on a logarithmic scale it is half of the picture. */
  mayClip: boolean;
}

type TokenScale = { (tokens: number): number; ticks(count?: number): number[] };

const WIDTH = 800;
const HEIGHT = 520;
const LEFT = 64;
const RIGHT = 732;
const PLOT_WIDTH = RIGHT - LEFT;
const TRAINING_TOP = 112;
const TRAINING_HEIGHT = 190;
const HELD_OUT_TOP = 348;
const HELD_OUT_HEIGHT = 112;
/** Pixels that are averaged into one point of a curve. */
const COLUMN_WIDTH = 4;
/** A curve of at most so many points shows each one as a dot. */
const DOTTED_POINTS = 40;
/** The first losses are several times the later ones: so large a share of them may lie above the picture. */
const CLIPPED_SHARE = 0.03;
/** Room that an axis label needs, in pixels. */
const LABEL_WIDTH = 52;

/** Both colour schemes keep a contrast of 4.5 to 1 for text. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #59636e; }
.title { font-size: 16px; font-weight: 600; fill: #1f2328; }
.heading { font-size: 13px; font-weight: 600; fill: #1f2328; }
.value { font-weight: 600; }
.paper { fill: #ffffff; }
.grid { stroke: #e1e5ea; }
.axis { stroke: #8c959f; }
.curve { fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.band { stroke: none; fill-opacity: 0.2; }
.training { stroke: #0969da; } .training-fill { fill: #0969da; }
.held-out { stroke: #bc4c00; } .held-out-fill { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
text { fill: #9da7b1; }
.title, .heading { fill: #e6edf3; }
.paper { fill: #0d1117; }
.grid { stroke: #262d36; }
.axis { stroke: #656c76; }
.training { stroke: #58a6ff; } .training-fill { fill: #58a6ff; }
.held-out { stroke: #f0883e; } .held-out-fill { fill: #f0883e; }
}`;

/**
 * The loss of a training run as an SVG for a README: above the training loss, below what held-out stories cost,
 * both against tokens seen, with the time on a second scale. Follows the reader's colour scheme; no script, no
 * outside font; the same history gives the same bytes.
 */
export function renderLossPicture(history: LossHistory, options: LossPictureOptions = {}): string {
  const { title } = history;
  const isLogarithmic = options.logarithmic === true;
  const isPlaced = ({ tokens }: { tokens: number }) =>
    Number.isFinite(tokens) && (isLogarithmic ? tokens > 0 : tokens >= 0);
  const training = history.training.filter(isPlaced);
  const heldOut = history.heldOut.filter(isPlaced);
  const places = [...training, ...heldOut];
  const scale = tokenScale(
    places.map(({ tokens }) => tokens),
    isLogarithmic,
  );
  const panels: Panel[] = [
    {
      name: 'training',
      heading: 'Training loss',
      explanation: 'nats per token: running mean, and lowest to highest around it',
      top: TRAINING_TOP,
      height: TRAINING_HEIGHT,
      points: training.map(({ tokens, loss }) => ({ x: scale(tokens), y: loss })),
      digits: 2,
      isNoisy: true,
      mayClip: !isLogarithmic,
    },
    {
      name: 'held-out',
      heading: 'Held-out stories',
      explanation: 'bits per character, estimated on the way',
      top: HELD_OUT_TOP,
      height: HELD_OUT_HEIGHT,
      points: heldOut.map(({ tokens, bpc }) => ({ x: scale(tokens), y: bpc })),
      digits: 3,
      isNoisy: false,
      mayClip: !isLogarithmic,
    },
  ];
  const ticks = places.length === 0 ? [] : tokenTicks(scale, isLogarithmic);
  const lines = [
    element('title', {}, escapeText(title)),
    element('desc', {}, describe(panels)),
    `<style>${STYLE}\n</style>`,
    element('rect', { class: 'paper', width: WIDTH, height: HEIGHT, rx: 8 }),
    text(title, { class: 'title', x: LEFT, y: 32 }),
    ...timeAxis(places, scale, isLogarithmic),
    ...panels.flatMap((panel) => drawPanel(panel, ticks)),
    ...ticks.map(({ x, label }) =>
      text(label, { x: LEFT + x, y: HELD_OUT_TOP + HELD_OUT_HEIGHT + 18, 'text-anchor': 'middle' }),
    ),
    text('tokens seen', { x: LEFT + PLOT_WIDTH / 2, y: HEIGHT - 16, 'text-anchor': 'middle' }),
  ];
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' };
  return `${element('svg', { ...attributes, width: WIDTH, height: HEIGHT }, `\n${lines.join('\n')}\n`)}\n`;
}

function tokenScale(tokens: number[], isLogarithmic: boolean): TokenScale {
  const last = max(tokens) ?? 0;
  // A domain without width has no scale.
  const end = last > 0 ? last : 1;
  if (!isLogarithmic) return scaleLinear([0, end], [0, PLOT_WIDTH]);
  const first = min(tokens) ?? end;
  return scaleLog([first < end ? first : end / 10, end], [0, PLOT_WIDTH]);
}

function tokenTicks(scale: TokenScale, isLogarithmic: boolean): { x: number; label: string }[] {
  const ticks = isLogarithmic
    ? scale.ticks().filter((tokens) => ['1', '2', '5'].includes(tokens.toExponential()[0]))
    : scale.ticks(8);
  return withRoom(ticks.map((tokens) => ({ x: scale(tokens), label: formatAmount(tokens) })));
}

/** Leaves out ticks whose labels would run into each other. */
function withRoom(ticks: { x: number; label: string }[]): { x: number; label: string }[] {
  let end = Number.NEGATIVE_INFINITY;
  return ticks.filter(({ x }) => {
    if (x < end + LABEL_WIDTH) return false;
    end = x;
    return true;
  });
}

/** Round times above the upper panel, each where the run had got to by then. */
function timeAxis(
  places: { tokens: number; minutes: number }[],
  scale: TokenScale,
  isLogarithmic: boolean,
): string[] {
  if (places.length === 0) return [];
  const curve = [{ tokens: 0, minutes: 0 }, ...places]
    .filter(({ minutes }) => Number.isFinite(minutes))
    .map(({ tokens, minutes }) => ({ x: minutes, y: tokens }))
    .sort((a, b) => a.x - b.x);
  const end = curve[curve.length - 1].x;
  const ticks = (isLogarithmic ? MINUTE_STEPS.filter((minutes) => minutes <= end) : timeTicks(end, 8))
    .map((minutes) => ({ x: scale(interpolate(curve, minutes)), label: formatTime(minutes) }))
    .filter(({ x }) => x >= 0 && x <= PLOT_WIDTH + 0.5);
  const y = TRAINING_TOP - 8;
  return withRoom(ticks).flatMap(({ x, label }) => [
    element('line', { class: 'axis', x1: LEFT + x, x2: LEFT + x, y1: y, y2: y + 4 }),
    text(label, { x: LEFT + x, y: y - 5, 'text-anchor': 'middle' }),
  ]);
}

function drawPanel(panel: Panel, ticks: { x: number }[]): string[] {
  const { name, top, height, points, digits } = panel;
  const headingY = name === 'training' ? top - 42 : top - 14;
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

/** For those who hear the picture. */
function describe(panels: Panel[]): string {
  return panels
    .map(({ heading, explanation, points, digits }) => {
      const values = points.map(({ y }) => y).filter(Number.isFinite);
      const course =
        values.length === 0
          ? 'no figures'
          : `from ${values[0].toFixed(digits)} to ${values[values.length - 1].toFixed(digits)}`;
      return escapeText(`${heading} (${explanation}): ${course}.`);
    })
    .join(' ');
}

function text(content: string, attributes: Record<string, string | number>): string {
  return element('text', attributes, escapeText(content));
}
