import { describe, expect, it } from 'vitest';
import {
  bitLength,
  clamp,
  fractionMultiply,
  integerSqrt,
  rescale,
  roundShift,
  scaleShift,
  signedMultiply,
} from '../../src/integer/arithmetic.js';
import { EXP, expOf, LOG, logOf, SIGMOID, sigmoid } from '../../src/integer/tables.js';
import {
  exactBitLength,
  exactExpWeight,
  exactFractionMultiply,
  exactLogOf,
  exactRoundShift,
  exactScaleShift,
  exactSignedMultiply,
  exactSqrt,
} from './exact-arithmetic.js';
import { exactSigmoid } from './exact-forward.js';
import { RandomNumbers } from './random-model.js';

const random = new RandomNumbers(11);
const EDGES = [0, 1, 2, 3, 4095, 4096, 32767, 32768, 65535, 65536, 2 ** 29, 2 ** 30 - 1, 2 ** 30];

/** Edge values of both signs, and random ones of every magnitude, |x| <= 2^30. */
const NUMBERS = [
  ...EDGES,
  ...EDGES.slice(1).map((x) => -x),
  ...Array.from({ length: 600 }, () => {
    const limit = 2 ** random.integer(0, 30);
    return random.integer(-limit, limit);
  }),
];

describe('primitives equal their definitions in integers of any size', () => {
  it('bit_length', () => {
    for (const x of NUMBERS.map(Math.abs)) {
      expect(bitLength(x)).toBe(Number(exactBitLength(BigInt(x))));
    }
    expect([bitLength(4095), bitLength(4096)]).toEqual([12, 13]);
  });

  it('round_shift, ties towards plus infinity', () => {
    for (const x of NUMBERS) {
      for (let shift = 0; shift <= 33; shift++) {
        expect(roundShift(x, shift)).toBe(Number(exactRoundShift(BigInt(x), BigInt(shift))));
      }
    }
    expect([roundShift(3, 1), roundShift(-3, 1)]).toEqual([2, -1]);
  });

  it('scale_shift, in both directions', () => {
    for (const x of NUMBERS) {
      for (let shift = -35; shift <= 35; shift += random.integer(1, 3)) {
        for (const limit of [1, 32767, 2 ** 30 - 1, 2 ** 30]) {
          const expected = Number(exactScaleShift(BigInt(x), BigInt(shift), BigInt(limit)));
          expect(scaleShift(x, shift, limit)).toBe(expected);
        }
      }
    }
  });

  it('fraction_multiply, signed and unsigned', () => {
    for (const x of [...NUMBERS, 2 ** 31, 2 ** 32 - 1, -(2 ** 31)]) {
      for (const m of [0, 1, 32768, 65535, random.integer(0, 65535)]) {
        // -0 is 0 in every integer array; toBe would tell them apart.
        expect(fractionMultiply(x, m) + 0).toBe(Number(exactFractionMultiply(BigInt(x), BigInt(m))));
      }
    }
  });

  it('signed_multiply', () => {
    for (const x of [...NUMBERS, 2 ** 31 - 1, -(2 ** 31)]) {
      for (const m of [0, 1, -1, 32767, -32767, random.integer(-32767, 32767)]) {
        expect(signedMultiply(x, m) + 0).toBe(Number(exactSignedMultiply(BigInt(x), BigInt(m))));
      }
    }
    expect([signedMultiply(1, -1), signedMultiply(-65536, 3)]).toEqual([-1, -3]);
  });

  it('exp_weight and log_of', () => {
    for (const z of [...NUMBERS.map(Math.abs), ...NUMBERS.map((x) => Math.abs(x) % 2 ** 20)]) {
      expect(expOf(z >> 4)).toBe(Number(exactExpWeight(BigInt(z))));
    }
    const sums = [1, 2, 3, 65535, 65536, 65537, 131071, 131072, 2 ** 31, 65535 * 65535, 2 ** 32 - 1];
    for (const sum of [...sums, ...NUMBERS.map((x) => 4 * Math.abs(x) + 1).filter((x) => x < 2 ** 32)]) {
      expect(logOf(sum)).toBe(Number(exactLogOf(BigInt(sum))));
    }
  });

  it('integer_sqrt', () => {
    const squares = Array.from({ length: 65536 }, (_, root) => root * root);
    for (const x of [...NUMBERS.map(Math.abs), ...squares, ...squares.map((x) => Math.max(0, x - 1))]) {
      expect(integerSqrt(x)).toBe(Number(exactSqrt(BigInt(x))));
    }
    expect(integerSqrt(2 ** 32 - 1)).toBe(65535);
  });

  it('clamp and rescale', () => {
    expect([clamp(-9, 8), clamp(9, 8), clamp(-8, 8), clamp(7, 8)]).toEqual([-8, 8, -8, 7]);
    // 100 * 2^3 * 40000 / 65536 = 488.28, floored; / 2^(2-1), rounded: 244
    expect(rescale(100, { leftShift: 3, multiplier: 40000, rightShift: 2 }, 1, 32767)).toBe(244);
    expect(rescale(-100, { leftShift: 3, multiplier: 40000, rightShift: 2 }, 9, 32767)).toBe(-32767);
  });
});

describe('tables', () => {
  it('hold the values of the page', () => {
    // Computed with Python's math module.
    expect([0, 16, 32, 100, 256].map((i) => SIGMOID[i])).toEqual([16384, 23955, 28862, 32705, 32768]);
    expect([0, 1, 16, 100, 256].map((i) => EXP[i])).toEqual([65535, 61564, 24109, 127, 0]);
    expect([0, 1, 2, 100, 255, 256].map((i) => LOG[i])).toEqual([0, 256, 510, 21611, 45298, 45426]);
    expect(SIGMOID).toHaveLength(257);
    expect(LOG).toHaveLength(257);
    expect(EXP).toHaveLength(257);
  });

  it('interpolate a logarithm that is monotonic and near the true one', () => {
    let previous = 0;
    for (let x = 1; x < 2 ** 32; x += Math.max(1, Math.floor(x / 5000))) {
      const y = logOf(x);
      if (y < previous || Math.abs(y / 65536 - Math.log(x)) > 1e-4) {
        throw new Error(`log_of(${x}) is ${y} after ${previous}`);
      }
      previous = y;
    }
  });

  it('interpolate a sigmoid that is monotonic and near the true one', () => {
    for (let fractionBits = 4; fractionBits <= 14; fractionBits++) {
      let previous = 0;
      for (let x = -32767; x <= 32767; x++) {
        const y = sigmoid(x, fractionBits);
        if (y < previous || Math.abs(y / 32768 - 1 / (1 + Math.exp(-x / 2 ** fractionBits))) > 1e-4) {
          throw new Error(`sigmoid(${x}) with ${fractionBits} fraction bits is ${y} after ${previous}`);
        }
        previous = y;
      }
    }
    for (let round = 0; round < 2000; round++) {
      const [x, bits] = [random.integer(-32767, 32767), random.integer(4, 14)];
      expect(sigmoid(x, bits)).toBe(Number(exactSigmoid(BigInt(x), BigInt(bits))));
    }
  });
});
