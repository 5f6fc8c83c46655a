import type { KernelMemory } from './kernel-memory.js';
import { VECTORS_AT_ONCE } from './kernel-product.js';
import { type IntegerMatrix, type IntegerProduct, integerProduct } from './products.js';

/** Whole numbers of at most 2^14 that a float is split into, one below the other. */
const DIGITS = 3;
/** Bits of the first digit, without its sign. */
const FIRST_DIGIT_BITS = 14;
/** Each later digit counts 2^-15 of the one before, and a rest of at most one half is at most 2^14 of those. */
const DIGIT_BASE = 2 ** 15;
/** A double of this size has no room for fractions: adding and taking it away rounds, faster than Math.round. */
const ROUNDER = 1.5 * 2 ** 52;
/** Below it a unit would leave the range of normal doubles, and products are zero for every purpose. */
const SMALLEST = 2 ** -900;

/**
 * Products of one ternary matrix with float vectors, to 44 bits below the vector's largest element: the vector is
 * written as fixed-point numbers of three digits, and the digits are multiplied exactly by the integer kernels, which
 * take eight weights where a kernel of doubles takes two. Every step here is exact in a double.
 */
export class TernaryFloatProduct {
  private readonly product: IntegerProduct;
  /** [digit][vector] */
  private readonly digits: Int16Array[][];
  /** [vector] */
  private readonly digitProducts: Int32Array[];

  /**
   * @param matrix of at most 2^16 columns, so that the products of a digit fit 31 bits
   * @param scale what a weight of +1 is worth
   */
  constructor(
    memory: KernelMemory,
    matrix: IntegerMatrix,
    private readonly scale: number,
  ) {
    this.product = integerProduct(memory, matrix);
    const forEachVector = <Item>(make: () => Item) => Array.from({ length: VECTORS_AT_ONCE }, make);
    this.digits = Array.from({ length: DIGITS }, () => forEachVector(() => new Int16Array(matrix.columns)));
    this.digitProducts = forEachVector(() => new Int32Array(matrix.rows));
  }

  /**
   * @param vectors one to four, each [columns]
   * @param products of each vector, [rows]: receives matrix * scale * vector; NaN for a vector that is not finite
   */
  multiply(vectors: readonly Float64Array[], products: readonly Float64Array[]): void {
    const units = vectors.map((vector, place) => this.split(vector, place));
    for (const [place, sums] of products.entries()) sums.fill(Number.isFinite(units[place]) ? 0 : Number.NaN);
    const digitProducts = this.digitProducts.slice(0, vectors.length);
    let worth = this.scale;
    for (const digit of this.digits) {
      this.product.multiply(digit.slice(0, vectors.length), digitProducts);
      for (const [place, sums] of products.entries()) add(digitProducts[place], worth * units[place], sums);
      worth /= DIGIT_BASE;
    }
  }

  /** @returns what one of the first digit is worth, a power of two; NaN for a vector that is not finite */
  private split(vector: Float64Array, place: number): number {
    let largest = 0;
    for (let i = 0; i < vector.length; i++) {
      // Unlike a comparison, this keeps a NaN.
      largest = Math.max(largest, Math.abs(vector[i]));
    }
    if (!Number.isFinite(largest)) return Number.NaN;
    const unit = largest < SMALLEST ? SMALLEST : 2 ** (Math.ceil(Math.log2(largest)) - FIRST_DIGIT_BITS);
    const [first, second, third] = this.digits.map((digit) => digit[place]);
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i] / unit;
      const high = value + ROUNDER - ROUNDER;
      const rest = (value - high) * DIGIT_BASE;
      const middle = rest + ROUNDER - ROUNDER;
      first[i] = high;
      second[i] = middle;
      third[i] = (rest - middle) * DIGIT_BASE + ROUNDER - ROUNDER;
    }
    return unit;
  }
}

function add(digitProducts: Int32Array, worth: number, sums: Float64Array): void {
  for (let row = 0; row < sums.length; row++) sums[row] += digitProducts[row] * worth;
}
