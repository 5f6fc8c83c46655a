import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { FloatSession } from '../../src/float/forward.js';
import type { FloatModel } from '../../src/float/model.js';
import { ternarise } from '../../src/float/ternarise.js';
import { HAS_FIXTURE, readFixture } from './fixture.js';
import { makeRandomFloatModel } from './random-model.js';

const CONFIG = { vocabulary: 40, dimension: 12, blocks: 2, hidden: 22, kernel: 3, context: 16 };

/**
 * The formulas of the float model over a whole story at once, with plain nested arrays: no state, no reuse of
 * buffers, nothing of src/float.
 */
function logitsOfStory({ config, parameters }: FloatModel, story: number[]): number[][] {
  const { dimension: d, kernel, blocks, hidden, vocabulary } = config;
  const get = (name: string) => [...(parameters.get(name) ?? [])];
  const rows = (values: number[], columns: number) =>
    Array.from({ length: values.length / columns }, (_, r) => values.slice(r * columns, (r + 1) * columns));
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const linear = (name: string, columns: number) => {
    const w = get(name);
    const scale = w.reduce((sum, x) => sum + Math.abs(x), 0) / w.length;
    const matrix = rows(
      w.map((x) => scale * Math.max(-1, Math.min(1, Math.round(x / (scale + 1e-8))))),
      columns,
    );
    return (x: number[]) => matrix.map((row) => dot(row, x));
  };
  const norm = (name: string) => {
    const weight = get(name);
    return (x: number[]) => x.map((value, i) => (value / Math.sqrt(dot(x, x) / d + 1e-6)) * weight[i]);
  };
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  const embedding = rows(get('embedding.weight'), d);
  let stream = story.map((token) => embedding[token]);
  for (let b = 0; b < blocks; b++) {
    const name = (rest: string) => `blocks.${b}.${rest}`;
    const [norm1, norm2] = [norm(name('norm1.scale')), norm(name('norm2.scale'))];
    const [up, down] = [linear(name('mixer.up.weight'), d), linear(name('mixer.down.weight'), d)];
    const taps = rows(get(name('mixer.conv.weight')), kernel);
    const projected = stream.map((x) => up(norm1(x)));
    stream = stream.map((x, t) => {
      const mixed = taps.map((channelTaps, i) => {
        const seen = channelTaps.map((tap, j) => tap * (projected[t - (kernel - 1) + j]?.[d + i] ?? 0));
        return seen.reduce((sum, value) => sum + value, 0) * sigmoid(projected[t][i]);
      });
      const change = down(mixed);
      return x.map((value, i) => value + change[i]);
    });
    const [wGate, wUp] = [linear(name('ffn.W_gate.weight'), d), linear(name('ffn.W_up.weight'), d)];
    const wDown = linear(name('ffn.W_down.weight'), hidden);
    stream = stream.map((x) => {
      const [gate, value] = [wGate(norm2(x)), wUp(norm2(x))];
      const change = wDown(gate.map((g, i) => g * sigmoid(g) * value[i]));
      return x.map((old, i) => old + change[i]);
    });
  }
  const finalNorm = norm('final_norm.scale');
  return stream.map((x) => {
    const last = finalNorm(x);
    return Array.from({ length: vocabulary }, (_, v) => dot(embedding[v], last));
  });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
}

describe('FloatSession', () => {
  it.skipIf(!HAS_FIXTURE)(
    'equals PyTorch within 1e-4 (skipped where ../shared/reference/fixture-tiny is not there)',
    () => {
      const { model, expected } = readFixture();
      const session = new FloatSession(model);
      for (const [t, token] of expected.tokens.entries()) {
        expect(largestDifference(session.step(token), expected.logits[t])).toBeLessThan(1e-4);
      }
    },
  );

  it('equals the formulas over a whole story, and again after a reset', () => {
    const model = makeRandomFloatModel(CONFIG, 1);
    const session = new FloatSession(model);
    const story = [0, 5, 9, 39, 33, 7, 4, 8, 11];
    const expected = logitsOfStory(model, story);
    for (let round = 0; round < 2; round++) {
      session.reset();
      for (const [t, token] of story.entries()) {
        expect(largestDifference(session.step(token), expected[t])).toBeLessThan(1e-6);
      }
    }
  });

  it('sees no future: a changed token leaves the logits before it bit-identical', () => {
    const session = new FloatSession(makeRandomFloatModel(CONFIG, 3));
    const run = (story: number[]) => {
      session.reset();
      return story.map((token) => [...session.step(token)]);
    };
    const story = [0, 5, 9, 20, 33, 7, 4, 8];
    const original = run(story);
    for (let changed = 0; changed < story.length; changed++) {
      const other = run(story.map((token, t) => (t === changed ? token + 1 : token)));
      expect(other.slice(0, changed)).toEqual(original.slice(0, changed));
      expect(other[changed]).not.toEqual(original[changed]);
    }
  });

  it('computes the same for several tokens at once, bit for bit, however they are grouped', () => {
    const session = new FloatSession(makeRandomFloatModel(CONFIG, 3));
    const story = [0, 5, 9, 20, 33, 7, 4, 8, 11, 2, 1];
    const expected = story.map((token) => [...session.step(token)]);
    for (const group of [2, 3, 4]) {
      session.reset();
      const logits: number[][] = [];
      for (let start = 0; start < story.length; start += group) {
        const fed = story.slice(start, start + group);
        logits.push(...session.steps(fed).map((vector) => [...vector]));
      }
      expect(logits).toEqual(expected);
    }
  });

  it('refuses a model whose parameters are missing, of a wrong size, or not finite', () => {
    const without = makeRandomFloatModel(CONFIG, 4);
    without.parameters.delete('final_norm.scale');
    expect(() => new FloatSession(without)).toThrow(/no parameter final_norm.scale/);
    const short = makeRandomFloatModel(CONFIG, 4);
    short.parameters.set('blocks.1.norm2.scale', new Float32Array(11));
    expect(() => new FloatSession(short)).toThrow(/blocks.1.norm2.scale has 11 values/);
    const diverged = makeRandomFloatModel(CONFIG, 4);
    diverged.parameters.get('embedding.weight')?.fill(Number.NaN, 3, 4);
    expect(() => new FloatSession(diverged)).toThrow(/not a finite number/);
    const session = new FloatSession(makeRandomFloatModel(CONFIG, 4));
    expect(() => session.step(40)).toThrow(FlashlmError);
  });
});

describe('ternarise', () => {
  it('rounds exactly one half to zero, like PyTorch', () => {
    const { weights, scale } = ternarise(Float32Array.of(1, -1, 3, -3, 2, 2));
    expect(scale).toBe(2);
    expect([...weights]).toEqual([0, 0, 1, -1, 1, 1]);
    expect(ternarise(new Float32Array(4))).toEqual({ weights: new Int8Array(4), scale: 0 });
  });
});
