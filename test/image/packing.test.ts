import { describe, expect, it } from 'vitest';
import { packedBytes, packTernary, unpackTernary } from '../../src/image/packing.js';
import { RandomNumbers } from '../integer/random-model.js';

describe('packed ternary', () => {
  it('gives every five weights the code of the format', () => {
    const codes = new Set<number>();
    for (let number = 0; number < 243; number++) {
      const five = [1, 3, 9, 27, 81].map((power) => (Math.floor(number / power) % 3) - 1);
      const [code] = packTernary({ rows: 1, columns: 5, weights: Int8Array.from(five) });
      const expected = five.reduce((sum, weight, i) => sum + (weight + 1) * [1, 3, 9, 28, 84][i], 0);
      expect(code).toBe(expected);
      codes.add(code);
    }
    expect(codes.size).toBe(243);
    expect(Math.max(...codes)).toBe(250);
  });

  it('lays bytes out as [quad][row][group] and pads with zero weights', () => {
    // Two rows of 22 columns: quad 0 holds columns 0..19, quad 1 the last two and 18 of padding.
    const weights = new Int8Array(44);
    weights[5] = 1; // row 0, column 5: quad 0, group 1
    weights[22 + 21] = -1; // row 1, column 21: quad 1, group 0
    const zero = 1 + 3 + 9 + 28 + 84;
    const expected = new Array(16).fill(zero);
    expected[1] = zero + 1;
    expected[8 + 4] = zero - 3;
    expect(packedBytes(2, 22)).toBe(16);
    expect([...packTernary({ rows: 2, columns: 22, weights })]).toEqual(expected);
  });

  it('unpacks what it packed', () => {
    const random = new RandomNumbers(1);
    for (const [rows, columns] of [
      [1, 1],
      [3, 19],
      [4, 20],
      [7, 21],
      [24, 96],
    ]) {
      const weights = Int8Array.from({ length: rows * columns }, () => random.integer(-1, 1));
      expect(unpackTernary(packTernary({ rows, columns, weights }), rows, columns)).toEqual({
        rows,
        columns,
        weights,
      });
    }
  });

  it('refuses codes that stand for no weights and padding that is not zero', () => {
    const good = packTernary({ rows: 1, columns: 20, weights: new Int8Array(20) });
    for (const code of [27, 55, 83, 111, 251, 255]) {
      expect(unpackTernary(Uint8Array.of(code, ...good.subarray(1)), 1, 20)).toBeNull();
    }
    expect(unpackTernary(Uint8Array.of(...good.subarray(0, 3), 0), 1, 15)).toBeNull();
  });
});
