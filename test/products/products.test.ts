import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KernelMemory } from '../../src/products/kernel-memory.js';
import { floatProduct, integerProduct } from '../../src/products/products.js';
import { TernaryFloatProduct } from '../../src/products/ternary-float-product.js';
import { RandomNumbers } from '../integer/random-model.js';

/** Shapes around every multiple that the kernels pad to. */
const SHAPES = [
  [1, 1],
  [2, 3],
  [3, 8],
  [4, 7],
  [5, 9],
  [8, 16],
  [13, 50],
  [64, 192],
];

describe('kernels-module.ts', () => {
  it('is what kernels.wat says', () => {
    const root = path.resolve(import.meta.dirname, '../..');
    const made = execFileSync(process.execPath, ['scripts/make-kernels.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(made).toBe(readFileSync(path.join(root, 'src/products/kernels-module.ts'), 'utf8'));
  });
});

describe('integerProduct', () => {
  it.each(SHAPES)('multiplies %i x %i with one to four vectors exactly', (rows, columns) => {
    const random = new RandomNumbers(rows * 1000 + columns);
    const weights = Int8Array.from({ length: rows * columns }, () => random.integer(-127, 127));
    const product = integerProduct(new KernelMemory(), { rows, columns, weights });
    for (const [count, largest] of [
      ...[1, 2, 3, 4, 1].map((vectors) => [vectors, 4096]),
      ...[1, 4].map((vectors) => [vectors, 32767]),
    ]) {
      const vectors = Array.from({ length: count }, () =>
        Int16Array.from({ length: columns }, () => random.integer(-largest, largest)),
      );
      const products = vectors.map(() => new Int32Array(rows).fill(1));
      product.multiply(vectors, products);
      const expected = vectors.map((vector) =>
        Array.from({ length: rows }, (_, row) =>
          vector.reduce((sum, x, column) => sum + x * weights[row * columns + column], 0),
        ),
      );
      expect(products.map((sums) => [...sums])).toEqual(expected);
    }
  });

  it('is exact at the largest sums of the arithmetic', () => {
    const columns = 1024;
    const weights = new Int8Array(2 * columns).fill(127).fill(-127, columns);
    const product = integerProduct(new KernelMemory(), { rows: 2, columns, weights });
    for (const count of [1, 4]) {
      const vectors = Array.from({ length: count }, () => new Int16Array(columns).fill(4096));
      const products = vectors.map(() => new Int32Array(2));
      product.multiply(vectors, products);
      for (const sums of products) expect([...sums]).toEqual([columns * 127 * 4096, -columns * 127 * 4096]);
    }
  });

  it('keeps its matrix when others let the memory grow', () => {
    const memory = new KernelMemory();
    const first = integerProduct(memory, { rows: 1, columns: 2, weights: Int8Array.of(3, -4) });
    const large = { rows: 300, columns: 300, weights: new Int8Array(90_000).fill(1) };
    const second = integerProduct(memory, large);
    const products = new Int32Array(1);
    first.multiply([Int16Array.of(10, 100)], [products]);
    expect(products[0]).toBe(-370);
    const sums = new Int32Array(300);
    second.multiply([new Int16Array(300).fill(2)], [sums]);
    expect(new Set(sums)).toEqual(new Set([600]));
    first.multiply([Int16Array.of(1, 0)], [products]);
    expect(products[0]).toBe(3);
  });
});

describe('floatProduct', () => {
  it.each(SHAPES)('multiplies %i x %i in double precision', (rows, columns) => {
    const random = new RandomNumbers(rows * 1000 + columns);
    const weights = Float32Array.from({ length: rows * columns }, () => random.normal());
    const product = floatProduct(new KernelMemory(), rows, columns, weights);
    for (const count of [1, 2, 3, 4]) {
      const vectors = Array.from({ length: count }, () =>
        Float64Array.from({ length: columns }, () => random.normal()),
      );
      const products = vectors.map(() => new Float64Array(rows).fill(1));
      product.multiply(vectors, products);
      for (const [place, vector] of vectors.entries()) {
        for (let row = 0; row < rows; row++) {
          const expected = vector.reduce((sum, x, column) => sum + x * weights[row * columns + column], 0);
          expect(products[place][row]).toBeCloseTo(expected, 12);
        }
      }
    }
  });
});

describe('TernaryFloatProduct', () => {
  const multiply = (columns: number, weights: number[], vector: number[], scale = 1) => {
    const matrix = { rows: weights.length / columns, columns, weights: Int8Array.from(weights) };
    const products = new Float64Array(matrix.rows).fill(1);
    const product = new TernaryFloatProduct(new KernelMemory(), matrix, scale);
    product.multiply([Float64Array.from(vector)], [products]);
    return [...products];
  };

  it.each(SHAPES)('multiplies %i x %i to 44 bits of the largest element', (rows, columns) => {
    const random = new RandomNumbers(rows * 1000 + columns);
    const weights = Array.from({ length: rows * columns }, () => random.integer(-1, 1));
    for (const exponent of [0, 40, -40, 700, -700]) {
      const vector = Array.from({ length: columns }, () => random.normal() * 2 ** exponent);
      const largest = Math.max(...vector.map(Math.abs));
      const products = multiply(columns, weights, vector, 0.37);
      for (let row = 0; row < rows; row++) {
        const expected = vector.reduce((sum, x, column) => sum + x * weights[row * columns + column], 0);
        expect(Math.abs(products[row] - 0.37 * expected)).toBeLessThanOrEqual(columns * largest * 2 ** -44);
      }
    }
  });

  it('is exact for powers of two, for nothing, and for next to nothing', () => {
    expect(multiply(2, [1, 1, 1, -1], [1, 0.25], 2)).toEqual([2.5, 1.5]);
    expect(multiply(2, [1, 1, 1, -1], [-4, 4])).toEqual([0, -8]);
    expect(multiply(2, [1, 1, 1, -1], [0, 0])).toEqual([0, 0]);
    expect(multiply(1, [1], [2 ** -1060])).toEqual([0]);
  });

  it('gives each of four vectors its own products', () => {
    const matrix = { rows: 2, columns: 2, weights: Int8Array.of(1, 1, 1, -1) };
    const vectors = [1, 1e-9, Number.NaN, -1e9].map((x) => Float64Array.of(x, 2 * x));
    const products = vectors.map(() => new Float64Array(2));
    new TernaryFloatProduct(new KernelMemory(), matrix, 1).multiply(vectors, products);
    const expected = [1, 1e-9, Number.NaN, -1e9].map((x) => [3 * x, -x]);
    for (const [i, sums] of expected.entries()) {
      for (const [row, sum] of sums.entries()) {
        if (Number.isNaN(sum)) expect(products[i][row]).toBeNaN();
        else expect(products[i][row] / sum).toBeCloseTo(1, 11);
      }
    }
  });

  it('passes on what is not a number', () => {
    expect(multiply(2, [1, 0], [Number.NaN, 1])).toEqual([Number.NaN]);
    expect(multiply(2, [1, 0], [Number.POSITIVE_INFINITY, 1])).toEqual([Number.NaN]);
  });
});
