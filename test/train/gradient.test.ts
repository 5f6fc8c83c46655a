import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/model/config.js';
import { type ParameterDescription, parameterLayout, parameterView } from '../../src/model/parameters.js';
import { startBackend } from '../../src/train/backend.js';
import { lossAndGradient } from '../../src/train/gradient.js';
import { Random } from '../../src/train/random.js';
import { trainedLikeParameters } from './trained-like.js';

const PLAIN: ModelConfig = { vocabulary: 40, dimension: 8, blocks: 2, hidden: 12, kernel: 3, context: 8 };
const MEMORY = { memory: { heads: 2, slots: 3 } };
const CLUSTERS = { clusters: 5 };
const SHAPES: { name: string; config: ModelConfig }[] = [
  { name: 'a plain model', config: PLAIN },
  { name: 'a model with a memory', config: { ...PLAIN, ...MEMORY } },
  { name: 'a model with clusters', config: { ...PLAIN, ...CLUSTERS } },
  { name: 'a model with a memory and clusters', config: { ...PLAIN, ...MEMORY, ...CLUSTERS } },
];
const SEQUENCES = 2;
/** Of the loss's slope: relative, and what 32-bit losses leave uncertain. */
const TOLERANCE = 2e-3;
const UNCERTAINTY = 1e-4;

/** Ends of stories among them, at which a memory is cleared. */
function windowsFor({ vocabulary, context }: ModelConfig): Int32Array {
  const random = new Random(5);
  const windows = Int32Array.from({ length: SEQUENCES * (context + 1) }, () =>
    Math.floor(random.uniform() * vocabulary),
  );
  windows[Math.floor(context / 2)] = 0;
  return windows;
}

function isTernary({ name }: ParameterDescription): boolean {
  return /mixer\.(up|down)|W_/.test(name);
}

/** The parameter's part of the gradient. */
function gradientOf(config: ModelConfig, flat: Float32Array, parameter: ParameterDescription): Float32Array {
  const gradient = new Float32Array(flat.length);
  lossAndGradient(config, flat, windowsFor(config), SEQUENCES, gradient);
  return parameterView(gradient, parameter);
}

/** Along a direction: of the loss between a step ahead and a step back. */
function slopeOf(
  config: ModelConfig,
  flat: Float32Array,
  parameter: ParameterDescription,
  direction: Float32Array,
  step: number,
): number {
  const view = parameterView(flat, parameter);
  const start = view.slice();
  const lossAt = (distance: number) => {
    view.set(start.map((value, i) => value + distance * direction[i]));
    return lossAndGradient(config, flat, windowsFor(config), SEQUENCES, null);
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function expectClose(predicted: number, slope: number): void {
  expect(Math.abs(slope - predicted)).toBeLessThan(UNCERTAINTY + TOLERANCE * Math.abs(slope));
}

beforeAll(async () => {
  await startBackend();
});

describe.each(SHAPES)('the gradient of $name', ({ config }) => {
  const trained = parameterLayout(config).parameters.filter((parameter) => parameter.trained);
  const random = new Random(6);

  it.each(trained.filter((parameter) => !isTernary(parameter)))(
    'by $name equals the slope of the loss',
    (parameter) => {
      const flat = trainedLikeParameters(config);
      const gradient = gradientOf(config, flat, parameter);
      // Uphill in every component, so that no error can hide behind another of the other sign.
      const direction = gradient.map((component) => Math.sign(component) * Math.abs(random.normal()));
      const slope = slopeOf(config, flat, parameter, direction, 6e-3);
      expectClose(dot(gradient, direction), slope);
    },
  );

  it.each(trained.filter(isTernary))(
    'by $name passes straight through to the latent weights',
    (parameter) => {
      // The loss depends on a latent matrix only through its mean magnitude, as long as no weight changes its ternary
      // value. Scaling the matrix by (1 + s) scales its ternary form by the same factor, so the slope along the matrix
      // itself is the gradient of the ternary weights times the ternary weights: what straight-through hands on.
      const flat = trainedLikeParameters(config);
      const gradient = gradientOf(config, flat, parameter);
      const latent = parameterView(flat, parameter).slice();
      const scale = latent.reduce((sum, w) => sum + Math.abs(w), 0) / latent.length;
      const ternaryWeights = latent.map((w) => Math.max(-1, Math.min(1, Math.round(w / scale))) * scale);
      const slope = slopeOf(config, flat, parameter, latent, 1e-2);
      expectClose(dot(gradient, ternaryWeights), slope);
    },
  );
});
