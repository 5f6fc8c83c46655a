import { describe, expect, it } from 'vitest';
import { rescale } from '../../src/integer/arithmetic.js';
import { quantiseTaps } from '../../src/quantise/convolution.js';
import { quantiseEmbedding } from '../../src/quantise/embedding.js';
import { mixedFractionBits, quantiseWriteBias } from '../../src/quantise/memory.js';
import { foldNorm, unitOf } from '../../src/quantise/norm.js';
import { fractionBitsFor, largestProjection } from '../../src/quantise/projection.js';
import { fixedPointScale, largestLeftShift } from '../../src/quantise/scale.js';
import { RandomNumbers } from '../integer/random-model.js';

const random = new RandomNumbers(51);

describe('fixedPointScale', () => {
  it('multiplies accumulators by the factor, with a multiplier of 16 full bits', () => {
    for (let round = 0; round < 500; round++) {
      const factor = round === 0 ? 1 - 2 ** -20 : 2 ** (random.fraction() * 30 - 25);
      const nonzeros = random.integer(1, 2048);
      const scale = fixedPointScale(factor, nonzeros);
      expect(scale.multiplier).toBeGreaterThanOrEqual(32768);
      expect(scale.multiplier).toBeLessThanOrEqual(65535);
      expect(nonzeros * 4096 * 2 ** scale.leftShift).toBeLessThanOrEqual(2 ** 30);
      expect(nonzeros * 4096 * 2 ** (scale.leftShift + 1)).toBeGreaterThan(2 ** 30);
      const represented = (scale.multiplier / 65536) * 2 ** (scale.leftShift - scale.rightShift);
      expect(Math.abs(represented / factor - 1)).toBeLessThan(2 ** -15);
      const accumulator = random.integer(-nonzeros * 4096, nonzeros * 4096);
      const exponent = random.integer(0, 8);
      const expected = Math.max(-(2 ** 29), Math.min(2 ** 29, accumulator * factor * 2 ** exponent));
      const error = Math.abs(rescale(accumulator, scale, exponent, 2 ** 29) - expected);
      expect(error).toBeLessThan(1 + Math.abs(expected) * 2 ** -14 + 2 ** (exponent - scale.rightShift));
    }
  });

  it('makes a matrix of zeros harmless', () => {
    expect(fixedPointScale(0, 0)).toEqual({ leftShift: 18, multiplier: 0, rightShift: 0 });
    expect(largestLeftShift(8192)).toBe(5);
  });
});

describe('foldNorm', () => {
  it('folds sqrt(d) and a power of two, and uses the range', () => {
    for (const spread of [1e-6, 1, 3000]) {
      const weights = Float32Array.from({ length: 192 }, () => spread * random.normal());
      const folded = foldNorm(weights);
      const largest = folded.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
      expect(largest).toBeGreaterThan(15999);
      expect(largest).toBeLessThanOrEqual(32000);
      // A direction of 1 with 15 fraction bits comes out as sqrt(d) * weight.
      const values = Array.from(folded.weights, (weight) => 2 ** 15 * weight * unitOf(folded));
      for (const [i, value] of values.entries()) {
        expect(Math.abs(value - Math.sqrt(192) * weights[i])).toBeLessThanOrEqual(
          2 ** (-folded.fractionBits - 1),
        );
      }
    }
    expect(foldNorm(new Float32Array(4)).weights).toEqual(new Int16Array(4));
  });
});

describe('quantiseTaps', () => {
  it('transposes to [K x d] and keeps every sum of magnitudes within 32767', () => {
    const weights = Float32Array.from({ length: 30 * 8 }, () => random.normal());
    const { taps, scale } = quantiseTaps(weights, 8);
    let largestSum = 0;
    for (let channel = 0; channel < 30; channel++) {
      let sum = 0;
      for (let tap = 0; tap < 8; tap++) {
        const value = taps[tap * 30 + channel];
        sum += Math.abs(value);
        expect(Math.abs(value - weights[channel * 8 + tap] * scale)).toBeLessThanOrEqual(0.5);
      }
      largestSum = Math.max(largestSum, sum);
    }
    expect(largestSum).toBeLessThanOrEqual(32767);
    expect(largestSum).toBeGreaterThan(32750);
    expect(quantiseTaps(new Float32Array(8), 2)).toEqual({ taps: new Int16Array(8), scale: 1 });
  });
});

describe('quantiseEmbedding', () => {
  it('is within half a step of every element, with the largest multiplier in 16 full bits', () => {
    const weights = Float32Array.from(
      { length: 50 * 24 },
      (_, i) => random.normal() * 2 ** -Math.floor(i / 24 / 5),
    );
    weights.fill(0, 24, 48);
    const { embedding, multiplier, fractionBits } = quantiseEmbedding(weights, 24);
    expect(Math.max(...multiplier)).toBeGreaterThanOrEqual(32768);
    expect(multiplier[1]).toBe(0);
    for (const [i, weight] of weights.entries()) {
      const step = multiplier[Math.floor(i / 24)] / 2 ** fractionBits;
      expect(Math.abs(embedding[i])).toBeLessThanOrEqual(127);
      expect(Math.abs(embedding[i] * step - weight)).toBeLessThanOrEqual(step * 0.5000001);
    }
  });
});

describe('a memory', () => {
  it('has write biases in the format of the writes, and open or shut ones at its ends', () => {
    const biases = Float32Array.of(0.5, -5.5, 1e9, -1e9, 31.999, -40);
    expect([...quantiseWriteBias(biases, 10)]).toEqual([512, -5632, 32767, -32767, 32767, -32767]);
    expect([...quantiseWriteBias(biases, 4)].slice(4)).toEqual([512, -640]);
    expect(quantiseWriteBias(new Float32Array(0), 10)).toEqual(new Int16Array(0));
  });

  it('gives its product 2f - 16 - k fraction bits', () => {
    expect(mixedFractionBits(9, undefined)).toBe(9);
    const slots = [1, 2, 3, 4, 5, 8, 9, 33, 64];
    expect(slots.map((n) => mixedFractionBits(9, { heads: 2, slots: n }))).toEqual(
      [0, 1, 2, 2, 3, 3, 4, 6, 6].map((k) => 2 * 9 - 16 - k),
    );
  });
});

describe('largestProjection', () => {
  it('is never passed, and reached by the vector that points along a row', () => {
    const d = 16;
    const normWeights = Float32Array.from({ length: d }, () => 1 + random.normal());
    const weights = Int8Array.from({ length: 8 * d }, () => random.integer(-1, 1));
    const bound = largestProjection({ weights, scale: 0.25 }, normWeights);
    const project = (direction: number[]) => {
      const length = Math.hypot(...direction);
      const x = direction.map((u, i) => (Math.sqrt(d) * u * normWeights[i]) / length);
      const rows = Array.from({ length: 8 }, (_, r) =>
        Math.abs(0.25 * x.reduce((sum, value, i) => sum + weights[r * d + i] * value, 0)),
      );
      return Math.max(...rows);
    };
    for (let round = 0; round < 1000; round++) {
      expect(project(Array.from({ length: d }, () => random.normal()))).toBeLessThanOrEqual(bound);
    }
    const along = Array.from({ length: 8 }, (_, r) =>
      project(Array.from({ length: d }, (_, i) => weights[r * d + i] * normWeights[i])),
    );
    expect(Math.max(...along)).toBeCloseTo(bound, 6);
  });

  it('gives the most fraction bits that fit', () => {
    expect(fractionBitsFor(15.9, 4, 14)).toBe(11);
    expect(fractionBitsFor(16.1, 4, 14)).toBe(10);
    expect([fractionBitsFor(1e9, 4, 14), fractionBitsFor(1e-9, 4, 14), fractionBitsFor(0, 4, 14)]).toEqual([
      4, 14, 14,
    ]);
  });
});
