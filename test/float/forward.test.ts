import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { FloatSession } from '../../src/float/forward.js';
import type { FloatModel } from '../../src/float/model.js';
import { ternarise } from '../../src/float/ternarise.js';
import type { ModelConfig } from '../../src/model/config.js';
import { HAS_FIXTURE, readFixture } from './fixture.js';
import { makeRandomFloatModel } from './random-model.js';

const CONFIG = { vocabulary: 40, dimension: 12, blocks: 2, hidden: 22, kernel: 3, context: 16 };
const MODELS: [string, ModelConfig][] = [
  ['FlashLM v4', CONFIG],
  ['a memory', { ...CONFIG, memory: { heads: 3, slots: 5 } }],
  ['a memory of one slot a channel', { ...CONFIG, kernel: 1, memory: { heads: 12, slots: 1 } }],
  ['clusters', { ...CONFIG, clusters: 7 }],
  ['a memory and a cluster for each token', { ...CONFIG, memory: { heads: 1, slots: 6 }, clusters: 40 }],
];

/**
 * The formulas of the float model over a whole story at once, with plain nested arrays: no state, no reuse of
 * buffers, nothing of src/float.
 *
 * @returns of each token the logits of the next; with clusters, logarithms of probabilities
 */
function logitsOfStory({ config, parameters }: FloatModel, story: number[]): number[][] {
  const { dimension: d, kernel, blocks, hidden, vocabulary, memory, clusters } = config;
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
  const sum = (values: number[]) => values.reduce((total, x) => total + x, 0);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  const embedding = rows(get('embedding.weight'), d);
  let stream = story.map((token) => embedding[token]);
  for (let b = 0; b < blocks; b++) {
    const name = (rest: string) => `blocks.${b}.${rest}`;
    const [norm1, norm2] = [norm(name('norm1.scale')), norm(name('norm2.scale'))];
    const [up, down] = [linear(name('mixer.up.weight'), d), linear(name('mixer.down.weight'), d)];
    const taps = rows(get(name('mixer.conv.weight')), kernel);
    const projected = stream.map((x) => up(norm1(x)));
    const convolved = story.map((_, t) =>
      taps.map((channelTaps, i) =>
        sum(channelTaps.map((tap, j) => tap * (projected[t - (kernel - 1) + j]?.[d + i] ?? 0))),
      ),
    );
    const bias = get(name('mixer.write_bias'));
    /** What channel i reads from its head's slots: each holds a weighted mean of all convolved values so far. */
    const recalled = (t: number, i: number, heads: number, slots: number) => {
      const first = Math.floor((i * heads) / d) * slots;
      const inSlots = Array.from({ length: slots }, (_, slot) => {
        const s = first + slot;
        const open = (u: number) => sigmoid(projected[u][2 * d + heads * slots + s] + bias[s]);
        const held = convolved.slice(0, t + 1).map((c, u) => {
          const later = Array.from({ length: t - u }, (_, after) => 1 - open(u + 1 + after));
          return later.reduce((product, kept) => product * kept, open(u) * c[i]);
        });
        return projected[t][2 * d + s] * sum(held);
      });
      return sum(inSlots);
    };
    stream = stream.map((x, t) => {
      const mixed = convolved[t].map((c, i) => {
        const o = c + (memory === undefined ? 0 : recalled(t, i, memory.heads, memory.slots));
        return o * sigmoid(projected[t][i]);
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
    const logits = Array.from({ length: vocabulary }, (_, v) => dot(embedding[v], last));
    if (clusters === undefined) return logits;
    const clusterOf = get('head.cluster_of_token');
    const clusterLogits = rows(get('head.clusters.weight'), d).map((row) => dot(row, last));
    return logits.map((logit, v) => {
      const siblings = logits.filter((_, other) => clusterOf[other] === clusterOf[v]);
      const ofCluster = Math.exp(clusterLogits[clusterOf[v]]) / sum(clusterLogits.map(Math.exp));
      return Math.log((ofCluster * Math.exp(logit)) / sum(siblings.map(Math.exp)));
    });
  });
}

/** Logarithms of a softmax. */
function logProbabilities(logits: ArrayLike<number>): number[] {
  const normaliser = Math.log(Array.from(logits).reduce((sum, x) => sum + Math.exp(x), 0));
  return Array.from(logits, (logit) => logit - normaliser);
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

  it.each(MODELS)('equals the formulas over a whole story, and again after a reset: %s', (_, config) => {
    const model = makeRandomFloatModel(config, 1);
    const session = new FloatSession(model);
    const story = [0, 5, 9, 39, 33, 7, 4, 8, 11];
    const expected = logitsOfStory(model, story);
    for (let round = 0; round < 2; round++) {
      session.reset();
      for (const [t, token] of story.entries()) {
        const logits = session.step(token);
        const compared = config.clusters === undefined ? logits : logProbabilities(logits);
        expect(largestDifference(compared, expected[t])).toBeLessThan(1e-6);
      }
    }
  });

  it.each(MODELS)(
    'sees no future: a changed token leaves the logits before it bit-identical: %s',
    (_, config) => {
      const session = new FloatSession(makeRandomFloatModel(config, 3));
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
    },
  );

  it.each(MODELS)(
    'computes the same for several tokens at once, bit for bit, however they are grouped: %s',
    (_, config) => {
      const session = new FloatSession(makeRandomFloatModel(config, 3));
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
    },
  );

  it('remembers beyond its convolution until a reset', () => {
    const session = new FloatSession(makeRandomFloatModel({ ...CONFIG, memory: { heads: 3, slots: 5 } }, 3));
    const field = CONFIG.blocks * (CONFIG.kernel - 1) + 1;
    const lastLogits = (first: number) => {
      session.reset();
      return [first, ...new Array<number>(field).fill(8)].map((token) => [...session.step(token)]).at(-1);
    };
    expect(lastLogits(3)).not.toEqual(lastLogits(4));
    session.reset();
    const fresh = [...session.step(8)];
    lastLogits(3);
    session.reset();
    expect([...session.step(8)]).toEqual(fresh);
  });

  it('refuses clusters that are not those of the vocabulary, and heads that do not share the dimension', () => {
    const says = (change: (model: FloatModel) => void) => {
      const model = makeRandomFloatModel({ ...CONFIG, memory: { heads: 3, slots: 5 }, clusters: 7 }, 4);
      change(model);
      return () => new FloatSession(model);
    };
    const clusterOf = (model: FloatModel) =>
      model.parameters.get('head.cluster_of_token') ?? new Float32Array(0);
    expect(says((model) => clusterOf(model).fill(7, 3, 4))).toThrow(/token 3 is in cluster 7/);
    expect(says((model) => clusterOf(model).fill(-1, 3, 4))).toThrow(/token 3 is in cluster -1/);
    expect(says((model) => clusterOf(model).fill(1.5, 3, 4))).toThrow(/token 3 is in cluster 1.5/);
    expect(says((model) => clusterOf(model).fill(0))).toThrow(/no token is in cluster 1/);
    expect(
      says((model) => {
        model.config = { ...model.config, memory: { heads: 5, slots: 3 } };
      }),
    ).toThrow(/5 heads of the memory do not divide the dimension 12/);
    expect(
      says((model) => {
        model.config = { ...model.config, clusters: 41 };
      }),
    ).toThrow(/40 does not fill 41 clusters/);
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
