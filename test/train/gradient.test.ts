import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { startBackend } from '../../src/train/backend.js';
import { lossAndGradient } from '../../src/train/gradient.js';
import { initialiseParameters } from '../../src/train/initialise.js';
import { Random } from '../../src/train/random.js';

const config: ModelConfig = { vocabulary: 40, dimension: 8, blocks: 2, hidden: 12, kernel: 3, context: 8 };
const { parameters, total } = parameterLayout(config);
const sequences = 2;
const random = new Random(5);
const windows = Int32Array.from({ length: sequences * (config.context + 1) }, () =>
  Math.floor(random.uniform() * config.vocabulary),
);

function startingPoint(): Float32Array {
  const flat = new Float32Array(total);
  initialiseParameters(flat, config, 3);
  for (const value of parameters.slice(0, 1)) {
    parameterView(flat, value).forEach((_, i, view) => {
      view[i] *= 20; // an embedding of the size that training gives it
    });
  }
  return flat;
}

beforeAll(async () => {
  await startBackend();
});

const continuous = parameters.filter(({ name }) => !/mixer\.(up|down)|W_/.test(name));
const ternary = parameters.filter(({ name }) => /mixer\.(up|down)|W_/.test(name));

describe('the gradient', () => {
  it.each(continuous.map(({ name }) => name))('of %s equals the slope of the loss', (name) => {
    const flat = startingPoint();
    const gradient = new Float32Array(total);
    lossAndGradient(config, flat, windows, sequences, gradient);
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (parameter === undefined) throw new Error(name);
    const direction = Float32Array.from({ length: parameter.size }, () => random.normal());
    const view = parameterView(flat, parameter);
    const start = view.slice();
    const lossAt = (step: number) => {
      view.set(start.map((value, i) => value + step * direction[i]));
      return lossAndGradient(config, flat, windows, sequences, null);
    };
    const step = 3e-3;
    const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
    const expected = parameterView(gradient, parameter).reduce((sum, g, i) => sum + g * direction[i], 0);
    expect(Math.abs(slope - expected)).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected)));
  });

  it.each(ternary.map(({ name }) => name))('of %s passes straight through to the latent weights', (name) => {
    // The loss depends on a latent matrix only through its mean magnitude, as long as no weight changes its ternary
    // value. Scaling the matrix by (1 + s) scales its ternary form by the same factor, so the slope along the matrix
    // itself is the gradient of the ternary weights times the ternary weights: what straight-through hands on.
    const flat = startingPoint();
    const gradient = new Float32Array(total);
    lossAndGradient(config, flat, windows, sequences, gradient);
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (parameter === undefined) throw new Error(name);
    const view = parameterView(flat, parameter);
    const start = view.slice();
    const scale = start.reduce((sum, w) => sum + Math.abs(w), 0) / start.length;
    const ternaryWeights = start.map((w) => Math.max(-1, Math.min(1, Math.round(w / scale))) * scale);
    const lossAt = (factor: number) => {
      view.set(start.map((value) => value * factor));
      return lossAndGradient(config, flat, windows, sequences, null);
    };
    const step = 1e-2;
    const slope = (lossAt(1 + step) - lossAt(1 - step)) / (2 * step);
    const expected = parameterView(gradient, parameter).reduce((sum, g, i) => sum + g * ternaryWeights[i], 0);
    expect(Math.abs(slope - expected)).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected)));
  });
});
