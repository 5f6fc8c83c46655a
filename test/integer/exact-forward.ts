import type { FixedPointScale, IntegerBlock, IntegerModel, TernaryMatrix } from '../../src/integer/model.js';
import {
  exactBitLength,
  exactClamp,
  exactExpWeight,
  exactFractionMultiply,
  exactLogOf,
  exactRoundShift,
  exactScaleShift,
  exactSignedMultiply,
  exactSqrt,
  requireMagnitude,
  requireWithin,
} from './exact-arithmetic.js';

/**
 * docs/arithmetic.md transcribed with integers of any size, independent of src/integer. Every bound of its
 * section 9 is checked where it is stated. Slow; for small models.
 */

const LIMIT_30 = 1n << 30n;
const RESIDUAL = LIMIT_30 - 1n;

interface NamedVector {
  name: string;
  block: number;
  values: bigint[];
}

interface Activations {
  q: bigint[];
  e: bigint;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const big = (values: ArrayLike<number>) => Array.from(values, (value) => BigInt(value));
const magnitude = (x: bigint) => (x < 0n ? -x : x);
const largest = (values: bigint[]) =>
  values.map(magnitude).reduce((most, x) => {
    if (x > most) {
      return x;
    }
    return most;
  }, 0n);

function quantise(n: bigint[]): Activations {
  for (const value of n) {
    requireMagnitude(value, LIMIT_30, 'input of the quantiser');
  }
  const bits = exactBitLength(largest(n)) - 12n;
  const e = bits > 0n ? bits : 0n;
  return { e, q: n.map((x) => requireMagnitude(exactRoundShift(x, e), 4096n, 'activation')) };
}

export function exactNorm(r: bigint[], w: bigint[], squareShift: bigint, epsilon: bigint): bigint[] {
  const bits = exactBitLength(largest(r)) - 15n;
  const k = bits > 0n ? bits : 0n;
  const v = r.map((x) => requireWithin(x >> k, -32768n, 32767n, 'v'));
  const squares = v.map((x) => (x >> squareShift) ** 2n);
  const S = squares.reduce((sum, square) => sum + square, epsilon >> (2n * (k + squareShift)));
  requireWithin(S, 1n, (1n << 32n) - 1n, 'S');
  let e = 0n;
  while (S * 4n ** e < LIMIT_30) {
    e += 1n;
  }
  const normalised = requireWithin(S * 4n ** e, LIMIT_30, (1n << 32n) - 1n, 'S * 4^e');
  const root = requireWithin(exactSqrt(normalised), 32768n, 65535n, 'root');
  const reciprocal = LIMIT_30 / root;
  const R = reciprocal < 32767n ? reciprocal : 32767n;
  return v.map((x, i) => {
    const t = exactRoundShift(requireMagnitude(x * R, LIMIT_30, 'v * R'), 15n + squareShift - e);
    requireMagnitude(t, 32836n, 't');
    return requireMagnitude(t * w[i], LIMIT_30, 'n');
  });
}

function multiply({ rows, columns, weights }: TernaryMatrix, q: bigint[]): bigint[] {
  return range(rows).map((row) => {
    const sum = range(columns).reduce(
      (s, column) => s + BigInt(weights[row * columns + column]) * q[column],
      0n,
    );
    return requireMagnitude(sum, 1n << 25n, 'accumulator');
  });
}

function rescale(a: bigint, scale: FixedPointScale, e: bigint, limit: bigint): bigint {
  const shifted = requireMagnitude(a * 2n ** BigInt(scale.leftShift), LIMIT_30, 'shifted accumulator');
  const product = exactFractionMultiply(shifted, BigInt(scale.multiplier));
  return exactScaleShift(product, BigInt(scale.rightShift) - e, limit);
}

/** Sigmoid by the page's table, with 15 fraction bits. */
export function exactSigmoid(x: bigint, fractionBits: bigint): bigint {
  const table = (i: bigint) => BigInt(Math.round(32768 / (1 + Math.exp(-Number(i) / 16))));
  const a = magnitude(x);
  const b = fractionBits - 4n;
  const i = a >> b;
  const value = i >= 256n ? table(256n) : table(i) + (((table(i + 1n) - table(i)) * (a % (1n << b))) >> b);
  return requireWithin(x >= 0n ? value : 32768n - value, 0n, 32768n, 'sigmoid');
}

/** The memory of one block. */
export class ExactMemory {
  /** S, by the key "slot channel"; 0 where nothing is */
  private readonly contents = new Map<string, bigint>();

  constructor(private readonly shape: { heads: number; slots: number }) {}

  /** @param gates reads, then writes [2m]; `c` [d]. @returns o [d] */
  step(
    { writeBias, mixerFractionBits }: Pick<IntegerBlock, 'writeBias' | 'mixerFractionBits'>,
    c: bigint[],
    gates: bigint[],
  ): bigint[] {
    const { heads: H, slots: n } = this.shape;
    const f = BigInt(mixerFractionBits);
    const k = exactBitLength(BigInt(n - 1));
    const w = range(H * n).map((s) => {
      const open = 2n * exactSigmoid(gates[H * n + s] + BigInt(writeBias[s]), f);
      return open < 65535n ? open : 65535n;
    });
    return c.map((value, j) => {
      const shifted = value >> k;
      const head = Math.floor((j * H) / c.length);
      let sum = 0n;
      for (let s = head * n; s < (head + 1) * n; s++) {
        const before = this.contents.get(`${s} ${j}`) ?? 0n;
        const distance = requireMagnitude(shifted - before, (1n << 31n) - 1n, "c' - S");
        const after = before + exactFractionMultiply(distance, w[s]);
        this.contents.set(`${s} ${j}`, requireMagnitude(after, LIMIT_30 >> k, 'S'));
        sum += exactSignedMultiply(after, gates[s]);
        requireMagnitude(sum, (1n << 29n) + BigInt(n), 'sum of the slots');
      }
      const own = requireMagnitude(exactRoundShift(shifted, 16n - f), 1n << 28n, "c' * 2^(f-16)");
      return requireMagnitude(own + sum, LIMIT_30, 'o');
    });
  }
}

/** One story of one model, token by token. */
export class ExactSession {
  /** values[block][step][channel] */
  private readonly values: bigint[][][];
  /** Of each block; none without a memory. */
  private readonly memories: ExactMemory[];

  constructor(private readonly model: IntegerModel) {
    this.values = model.blocks.map(() => []);
    const { memory } = model.config;
    this.memories = memory === undefined ? [] : model.blocks.map(() => new ExactMemory(memory));
  }

  /** @returns the logits, those of the clusters, and every intermediate vector that a probe reports */
  step(token: number): { logits: bigint[]; clusterLogits: bigint[]; vectors: NamedVector[] } {
    const { model } = this;
    const { dimension: d, hidden: h, kernel, vocabulary } = model.config;
    const vectors: NamedVector[] = [];
    const report = (name: string, block: number, values: bigint[]) => vectors.push({ name, block, values });
    const norm = (r: bigint[], w: Int16Array) =>
      quantise(exactNorm(r, big(w), BigInt(model.squareShift), BigInt(model.epsilon)));
    const add = (r: bigint[], a: bigint[], scale: FixedPointScale, e: bigint) =>
      r.map((x, i) => {
        const sum = x + rescale(a[i], scale, e, RESIDUAL);
        requireMagnitude(sum, (1n << 31n) - 1n, 'residual sum');
        return exactClamp(sum, RESIDUAL);
      });

    let r = range(d).map((i) => {
      const product = BigInt(model.embedding[token * d + i]) * BigInt(model.embeddingMultiplier[token]);
      return exactScaleShift(product, BigInt(model.embeddingShift), RESIDUAL);
    });
    report('embedding', -1, r);

    for (const [index, block] of model.blocks.entries()) {
      const mixerInput = norm(r, block.norm1);
      report('norm1', index, mixerInput.q);
      const up = multiply(block.mixerUp, mixerInput.q);
      report('mixer_up', index, up);
      const y = up.map((a) => rescale(a, block.mixerUpScale, mixerInput.e, 32767n));
      report('mixer_gates', index, y);
      const history = this.values[index];
      history.push(y.slice(d, 2 * d));
      const now = history.length - 1;
      const c = range(d).map((i) => {
        const terms = range(kernel).map((j) => {
          const step = now - (kernel - 1) + j;
          return step < 0 ? 0n : BigInt(block.taps[j * d + i]) * history[step][i];
        });
        return requireMagnitude(
          terms.reduce((sum, term) => sum + term, 0n),
          32767n * 32767n,
          'convolution',
        );
      });
      report('convolution', index, c);
      const o = this.memories[index]?.step(block, c, y.slice(2 * d)) ?? c;
      if (model.config.memory !== undefined) report('memory', index, o);
      const mixed = quantise(
        o.map((x, i) => exactFractionMultiply(x, exactSigmoid(y[i], BigInt(block.mixerFractionBits)))),
      );
      report('mixer_product', index, mixed.q);
      const mixerDown = multiply(block.mixerDown, mixed.q);
      report('mixer_down', index, mixerDown);
      r = add(r, mixerDown, block.mixerDownScale, mixed.e);
      report('mixer_residual', index, r);

      const ffnInput = norm(r, block.norm2);
      report('norm2', index, ffnInput.q);
      const a = multiply(block.ffnIn, ffnInput.q);
      report('ffn_in', index, a);
      const product = range(h).map((i) => {
        const g = rescale(a[i], block.ffnGateScale, ffnInput.e, 32767n);
        const u = rescale(a[h + i], block.ffnUpScale, ffnInput.e, 32767n);
        const s = exactRoundShift(g * exactSigmoid(g, BigInt(block.gateFractionBits)), 15n);
        return requireMagnitude(s * u, 32767n * 32767n, 'product of the feed-forward layer');
      });
      const activated = quantise(product);
      report('ffn_product', index, activated.q);
      const ffnDown = multiply(block.ffnDown, activated.q);
      report('ffn_down', index, ffnDown);
      r = add(r, ffnDown, block.ffnDownScale, activated.e);
      report('ffn_residual', index, r);
    }

    const head = norm(r, model.finalNorm);
    report('final_norm', -1, head.q);
    const rowLogit = (weights: Int8Array, row: number, scale: FixedPointScale, limit: bigint) => {
      const sum = head.q.reduce((s, q, i) => s + BigInt(weights[row * d + i]) * q, 0n);
      requireMagnitude(sum, LIMIT_30, 'head accumulator');
      return requireMagnitude(rescale(sum, scale, head.e, limit), limit, 'logit');
    };
    const { clusters } = model;
    const limit = clusters === null ? LIMIT_30 : 1n << 29n;
    const b = range(vocabulary).map((v) => {
      const multiplier = model.embeddingMultiplier[v];
      const scale = { leftShift: model.headLeftShift, multiplier, rightShift: model.headRightShift };
      return rowLogit(model.embedding, v, scale, limit);
    });
    if (clusters === null) {
      return { logits: b, clusterLogits: [], vectors };
    }
    const a = range(clusters.multiplier.length).map((c) => {
      const multiplier = clusters.multiplier[c];
      const scale = { leftShift: clusters.headLeftShift, multiplier, rightShift: clusters.headRightShift };
      return rowLogit(clusters.weights, c, scale, limit);
    });
    const logits = b.map((own, v) => {
      const cluster = clusters.clusterOfToken[v];
      const siblings = b.filter((_, other) => clusters.clusterOfToken[other] === cluster);
      const top = siblings.reduce((most, x) => (x > most ? x : most));
      const W = siblings.reduce((sum, x) => sum + exactExpWeight(top - x), 0n);
      requireWithin(W, 65535n, (1n << 32n) - 1n, 'W');
      const beyond = exactLogOf(W) - 16n * 45426n;
      const lse = top + (beyond > 0n ? beyond : 0n);
      requireMagnitude(a[cluster] + (own - lse), (1n << 31n) - 1n, 'logit with clusters');
      return exactClamp(a[cluster] + (own - lse), LIMIT_30);
    });
    return { logits, clusterLogits: a, vectors };
  }
}
