import { NORM_WEIGHT_LIMIT } from '../integer/limits.js';

export interface FoldedNorm {
  /** [d] */
  weights: Int16Array;
  /** weights = norm weight * sqrt(d) * 2^fractionBits, rounded. */
  fractionBits: number;
}

/** Fraction bits of `t` in docs/arithmetic.md, section 4. */
const DIRECTION_FRACTION_BITS = 15;

/**
 * Folds sqrt(d) into the weights of a norm, because the integer norm divides by the length of the vector instead of
 * by its root mean square, with the power of two that makes the largest weight 16001..32000.
 *
 * @param weights [d], of the float model
 */
export function foldNorm(weights: Float32Array): FoldedNorm {
  const root = Math.sqrt(weights.length);
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) * root;
  const fractionBits = largest === 0 ? 0 : Math.floor(Math.log2(NORM_WEIGHT_LIMIT / largest));
  return {
    weights: Int16Array.from(weights, (weight) => Math.round(weight * root * 2 ** fractionBits)),
    fractionBits,
  };
}

/** What one unit of the norm's integer output is worth: the activation of exponent 0 times this is the float one. */
export function unitOf({ fractionBits }: FoldedNorm): number {
  return 2 ** -(DIRECTION_FRACTION_BITS + fractionBits);
}
