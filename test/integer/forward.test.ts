import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { checksumOf } from '../../src/integer/checksum.js';
import { IntegerSession } from '../../src/integer/forward.js';
import { findBrokenInvariant } from '../../src/integer/invariants.js';
import { BlockMemory } from '../../src/integer/memory.js';
import type { IntegerModel } from '../../src/integer/model.js';
import { normalise } from '../../src/integer/norm.js';
import { normConstants } from '../../src/integer/norm-constants.js';
import { probeStep } from '../../src/integer/probe.js';
import { ExactMemory, ExactSession, exactNorm } from './exact-forward.js';
import { makeRandomModel, RandomNumbers, SMALL_CONFIG } from './random-model.js';

const SHAPES = [
  { vocabulary: 40, dimension: 12, blocks: 2, hidden: 22, kernel: 3 },
  { vocabulary: 9, dimension: 4, blocks: 3, hidden: 4, kernel: 1 },
  { vocabulary: 17, dimension: 33, blocks: 1, hidden: 50, kernel: 8 },
  { vocabulary: 23, dimension: 12, blocks: 2, hidden: 10, kernel: 3, memory: { heads: 3, slots: 5 } },
  { vocabulary: 40, dimension: 12, blocks: 1, hidden: 22, kernel: 3, clusters: 7 },
  {
    vocabulary: 31,
    dimension: 10,
    blocks: 2,
    hidden: 8,
    kernel: 1,
    memory: { heads: 1, slots: 16 },
    clusters: 31,
  },
  {
    vocabulary: 29,
    dimension: 6,
    blocks: 2,
    hidden: 9,
    kernel: 2,
    memory: { heads: 6, slots: 1 },
    clusters: 2,
  },
];

/** A small model with all extensions. */
const EXTENDED = { ...SMALL_CONFIG, memory: { heads: 4, slots: 3 }, clusters: 20 };

function expectExactlyEqual(model: IntegerModel, seed: number, steps: number): void {
  expect(findBrokenInvariant(model)).toBeNull();
  const random = new RandomNumbers(seed);
  const session = new IntegerSession(model);
  const exact = new ExactSession(model);
  for (let step = 0; step < steps; step++) {
    const token = random.integer(0, model.config.vocabulary - 1);
    const expected = exact.step(token);
    const points: { name: string; block: number; values: number[] }[] = [];
    session.probe = ({ name, block, values }) => points.push({ name, block, values: [...values] });
    const logits = session.step(token);
    expect(points).toEqual(
      expected.vectors.map(({ name, block, values }) => ({ name, block, values: values.map(Number) })),
    );
    expect([...logits]).toEqual(expected.logits.map(Number));
  }
}

describe('IntegerSession', () => {
  it('equals integers of any size, with every stated bound kept, on random models', () => {
    for (let seed = 1; seed <= 30; seed++) {
      expectExactlyEqual(makeRandomModel(SHAPES[seed % SHAPES.length], seed), seed, 12);
    }
  });

  it('equals them on models whose numbers are all as large as the limits allow', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const model = makeRandomModel(SHAPES[seed % SHAPES.length], seed, { extreme: true });
      expectExactlyEqual(model, seed, 12);
    }
  });

  it('computes the same for several tokens at once, however they are grouped', () => {
    for (const [seed, shape] of SHAPES.entries()) {
      const session = new IntegerSession(makeRandomModel(shape, seed));
      const tokens = Array.from({ length: 23 }, (_, i) => (i * 7) % shape.vocabulary);
      const expected = tokens.map((token) => [...session.step(token)]);
      for (const group of [2, 3, 4]) {
        session.reset();
        const logits: number[][] = [];
        for (let start = 0; start < tokens.length; start += group) {
          const fed = tokens.slice(start, start + group);
          logits.push(...session.steps(fed).map((vector) => [...vector]));
        }
        expect(logits).toEqual(expected);
      }
    }
  });

  it.each([SMALL_CONFIG, EXTENDED])('sees no future among tokens that it takes at once', (config) => {
    const session = new IntegerSession(makeRandomModel(config, 5));
    const run = (tokens: number[]) => {
      session.reset();
      return session.steps(tokens).map((logits) => [...logits]);
    };
    const original = run([1, 2, 3, 4]);
    for (let changed = 0; changed < 4; changed++) {
      const other = run([1, 2, 3, 4].map((token, i) => (i === changed ? token + 1 : token)));
      expect(other.slice(0, changed)).toEqual(original.slice(0, changed));
      expect(other[changed]).not.toEqual(original[changed]);
    }
  });

  it.each([SMALL_CONFIG, EXTENDED])('repeats itself after a reset', (config) => {
    const session = new IntegerSession(makeRandomModel(config, 5));
    const first = [1, 2, 3].map((token) => checksumOf(session.step(token)));
    session.reset();
    expect([1, 2, 3].map((token) => checksumOf(session.step(token)))).toEqual(first);
  });

  it('remembers beyond its convolution, with a memory alone', () => {
    const lastLogits = (config: typeof SMALL_CONFIG, first: number) => {
      const session = new IntegerSession(makeRandomModel(config, 5));
      const field = config.blocks * (config.kernel - 1) + 1;
      const tokens = [first, ...new Array<number>(field).fill(8)];
      return tokens.map((token) => [...session.step(token)]).at(-1);
    };
    expect(lastLogits(SMALL_CONFIG, 3)).toEqual(lastLogits(SMALL_CONFIG, 4));
    expect(lastLogits(EXTENDED, 3)).not.toEqual(lastLogits(EXTENDED, 4));
  });

  it.each([SMALL_CONFIG, EXTENDED])(
    'sees no future: a changed token leaves the logits before it as they were',
    (config) => {
      const session = new IntegerSession(makeRandomModel(config, 6));
      const tokens = [0, 5, 9, 200, 33, 71, 4, 8];
      const run = (story: number[]) => {
        session.reset();
        return story.map((token) => checksumOf(session.step(token)));
      };
      const original = run(tokens);
      for (let changed = 0; changed < tokens.length; changed++) {
        const other = run(tokens.map((token, t) => (t === changed ? token + 1 : token)));
        expect(other.slice(0, changed)).toEqual(original.slice(0, changed));
        expect(other[changed]).not.toBe(original[changed]);
      }
    },
  );

  it('refuses a token outside the vocabulary', () => {
    const session = new IntegerSession(makeRandomModel(SMALL_CONFIG, 5));
    for (const token of [-1, 263, 1.5, Number.NaN]) {
      expect(() => session.step(token)).toThrow(FlashlmError);
    }
  });
});

describe('memory', () => {
  it('keeps its bounds for the largest values, reads and writes', () => {
    const random = new RandomNumbers(22);
    const largest = 32767 * 32767;
    for (const [heads, slots] of [
      [1, 1],
      [2, 2],
      [2, 3],
      [1, 8],
      [4, 16],
      [1, 33],
      [2, 64],
    ]) {
      for (const mixerFractionBits of [4, 9, 14]) {
        const memory = new BlockMemory(4, { heads, slots });
        const exact = new ExactMemory({ heads, slots });
        const writeBias = new Int16Array(heads * slots).fill(32767);
        const block = { writeBias, mixerFractionBits };
        for (let step = 0; step < 40; step++) {
          // Long runs of one sign fill every slot; then the other sign, with all reads against or for it.
          const sign = step % 20 < 10 ? 1 : -1;
          const isRandom = step >= 30;
          const c = Int32Array.from({ length: 4 }, () =>
            isRandom ? random.integer(-largest, largest) : sign * largest,
          );
          const gate = (value: number) => (isRandom ? random.integer(-32767, 32767) : value);
          const readSign = step % 4 < 2 ? 1 : -1;
          const reads = Int32Array.from({ length: heads * slots }, () => gate(readSign * 32767));
          const writes = Int32Array.from({ length: heads * slots }, () => gate(32767));
          const mixed = new Int32Array(4);
          memory.mix(block, c, reads, writes, mixed);
          const expected = exact.step(
            block,
            Array.from(c, BigInt),
            Array.from([...reads, ...writes], BigInt),
          );
          expect(Array.from(mixed, BigInt)).toEqual(expected);
        }
      }
    }
  });
});

describe('clusters', () => {
  it('add up the largest vocabulary in one cluster without overflow', () => {
    // Rows of zeros: every token of a cluster is as likely as its siblings, so each has 1 / count of it.
    const config = { vocabulary: 65535, dimension: 4, blocks: 1, hidden: 4, kernel: 1, clusters: 2 };
    const model = makeRandomModel(config, 1);
    model.embedding.fill(0);
    model.clusters?.clusterOfToken.fill(1, 1).fill(0, 0, 1);
    model.clusters?.weights.fill(0);
    const logits = new IntegerSession(model).step(0);
    expect(logits[0]).toBe(0);
    expect(logits[65534] / 65536).toBeCloseTo(-Math.log(65534), 4);
  });

  it('put no token above its cluster', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const model = makeRandomModel(EXTENDED, seed, { extreme: seed > 10 });
      const clusterOfToken = model.clusters?.clusterOfToken ?? new Uint16Array(0);
      const session = new IntegerSession(model);
      const logits = session.step(seed);
      const exact = new ExactSession(model).step(seed);
      for (const [token, cluster] of clusterOfToken.entries()) {
        expect(BigInt(logits[token]) <= exact.clusterLogits[cluster]).toBe(true);
      }
    }
  });
});

describe('norm', () => {
  it('keeps its bounds for every magnitude and dimension', () => {
    const random = new RandomNumbers(21);
    for (const dimension of [4, 5, 31, 96, 192, 384, 2048]) {
      const constants = normConstants(dimension);
      const weights = new Int16Array(dimension).fill(32000);
      for (let round = 0; round < 120; round++) {
        const limit = 2 ** random.integer(0, 30) - 1;
        const isSparse = round % 3 === 0;
        const residual = Int32Array.from({ length: dimension }, (_, i) => {
          if (isSparse) {
            return i === 0 ? (round % 2 === 0 ? -limit : limit) : 0;
          }
          return round % 3 === 1 ? random.integer(-limit, limit) : limit * (random.integer(0, 1) * 2 - 1);
        });
        const normalised = new Int32Array(dimension);
        normalise(residual, weights, constants, normalised);
        const exact = exactNorm(
          Array.from(residual, BigInt),
          Array.from(weights, BigInt),
          BigInt(constants.squareShift),
          BigInt(constants.epsilon),
        );
        expect(Array.from(normalised, BigInt)).toEqual(exact);
      }
    }
  });
});

describe('probeStep', () => {
  it('shows what a memory makes of the convolution', () => {
    const points = probeStep(makeRandomModel(EXTENDED, 8), [0, 7, 8], 2);
    expect(points).toHaveLength(1 + 13 * 2 + 1);
    expect(points.slice(14, 20).map(({ name, block, count }) => `${name} ${block} ${count}`)).toEqual([
      'norm1 1 12',
      'mixer_up 1 48',
      'mixer_gates 1 48',
      'convolution 1 12',
      'memory 1 12',
      'mixer_product 1 12',
    ]);
  });

  it('names every vector in the order of computation', () => {
    const model = makeRandomModel(SMALL_CONFIG, 8);
    const points = probeStep(model, [0, 7, 8], 2);
    expect(points).toHaveLength(1 + 12 * 2 + 1);
    expect(points.map((point) => point.point)).toEqual(points.map((_, i) => i));
    expect(points.slice(13, 25).map(({ name, block, count }) => `${name} ${block} ${count}`)).toEqual([
      'norm1 1 12',
      'mixer_up 1 24',
      'mixer_gates 1 24',
      'convolution 1 12',
      'mixer_product 1 12',
      'mixer_down 1 12',
      'mixer_residual 1 12',
      'norm2 1 12',
      'ffn_in 1 44',
      'ffn_product 1 22',
      'ffn_down 1 12',
      'ffn_residual 1 12',
    ]);
    for (const point of points) {
      expect(point.checksum).toBe(checksumOf(point.values));
    }
    expect(() => probeStep(model, [0, 7], 2)).toThrow(FlashlmError);
  });
});
