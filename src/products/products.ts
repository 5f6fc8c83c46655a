import type { KernelMemory } from './kernel-memory.js';
import { KernelProduct } from './kernel-product.js';

/** A matrix of small integers: int8 embeddings, or the -1, 0 and +1 of a ternary layer. */
export interface IntegerMatrix {
  rows: number;
  columns: number;
  /** [rows x columns], row by row */
  weights: Int8Array;
}

/** Products of integers with activations, exact: the sums of docs/arithmetic.md stay below 2^30 in any order. */
export type IntegerProduct = KernelProduct<Int8Array, Int16Array, Int32Array>;

/** Products of float32 weights with vectors, in double precision. */
export type FloatProduct = KernelProduct<Float32Array, Float64Array, Float64Array>;

export function integerProduct(memory: KernelMemory, matrix: IntegerMatrix): IntegerProduct {
  const { multiplyInt8, multiplyInt8ByFour } = memory.kernels;
  const kind = {
    weights: Int8Array,
    vector: Int16Array,
    products: Int32Array,
    one: multiplyInt8,
    four: multiplyInt8ByFour,
  };
  return new KernelProduct(memory, kind, matrix.rows, matrix.columns, matrix.weights);
}

/** @param weights [rows x columns], row by row */
export function floatProduct(
  memory: KernelMemory,
  rows: number,
  columns: number,
  weights: Float32Array,
): FloatProduct {
  const { multiplyFloat32, multiplyFloat32ByFour } = memory.kernels;
  const kind = {
    weights: Float32Array,
    vector: Float64Array,
    products: Float64Array,
    one: multiplyFloat32,
    four: multiplyFloat32ByFour,
  };
  return new KernelProduct(memory, kind, rows, columns, weights);
}
