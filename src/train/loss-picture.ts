import { max, min } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import { type PictureStyle, pictureDocument } from '../picture/document.js';
import { drawPanel, LEFT, type Panel, PLOT_WIDTH } from '../picture/panel.js';
import { element, text } from '../picture/svg.js';
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

type TokenScale = { (tokens: number): number; ticks(count?: number): number[] };

const WIDTH = 800;
const HEIGHT = 520;
const TRAINING_TOP = 112;
const TRAINING_HEIGHT = 190;
const HELD_OUT_TOP = 348;
const HELD_OUT_HEIGHT = 112;
/** Room that an axis label needs, in pixels. */
const LABEL_WIDTH = 52;

const STYLE: PictureStyle = {
  light: [
    '.curve { fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }',
    '.band { stroke: none; fill-opacity: 0.2; }',
    '.training { stroke: #0969da; } .training-fill { fill: #0969da; }',
    '.held-out { stroke: #bc4c00; } .held-out-fill { fill: #bc4c00; }',
  ],
  dark: [
    '.training { stroke: #58a6ff; } .training-fill { fill: #58a6ff; }',
    '.held-out { stroke: #f0883e; } .held-out-fill { fill: #f0883e; }',
  ],
};

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
      headingY: TRAINING_TOP - 42,
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
      headingY: HELD_OUT_TOP - 14,
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
    text(title, { class: 'title', x: LEFT, y: 32 }),
    ...timeAxis(places, scale, isLogarithmic),
    ...panels.flatMap((panel) => drawPanel(panel, ticks)),
    ...ticks.map(({ x, label }) =>
      text(label, { x: LEFT + x, y: HELD_OUT_TOP + HELD_OUT_HEIGHT + 18, 'text-anchor': 'middle' }),
    ),
    text('tokens seen', { x: LEFT + PLOT_WIDTH / 2, y: HEIGHT - 16, 'text-anchor': 'middle' }),
  ];
  const description = describe(panels);
  return pictureDocument({ title, description, width: WIDTH, height: HEIGHT, style: STYLE, lines });
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

/** For those who hear the picture. */
function describe(panels: Panel[]): string {
  return panels
    .map(({ heading, explanation, points, digits }) => {
      const values = points.map(({ y }) => y).filter(Number.isFinite);
      const course =
        values.length === 0
          ? 'no figures'
          : `from ${values[0].toFixed(digits)} to ${values[values.length - 1].toFixed(digits)}`;
      return `${heading} (${explanation}): ${course}.`;
    })
    .join(' ');
}
