import { ACCUMULATOR_LIMIT, ACTIVATION_LIMIT } from '../integer/limits.js';
import type { FixedPointScale } from '../integer/model.js';

/**
 * The largest left shift with which no accumulator passes 2^30.
 *
 * @param largestRowSum largest sum of |weight| over a row; activations are at most 4096
 */
export function largestLeftShift(largestRowSum: number): number {
  return Math.floor(Math.log2(ACCUMULATOR_LIMIT / (ACTIVATION_LIMIT * Math.max(1, largestRowSum))));
}

/**
 * The fixed-point scale for which `rescale` multiplies an accumulator of activations with exponent 0 by `factor`.
 *
 * `rescale` computes accumulator * 2^leftShift * multiplier / 2^16 / 2^rightShift, so
 * multiplier = factor * 2^(16 + rightShift - leftShift); rightShift is the one that makes it 32768..65535.
 */
export function fixedPointScale(factor: number, largestRowSum: number): FixedPointScale {
  const leftShift = largestLeftShift(largestRowSum);
  if (factor === 0) {
    return { leftShift, multiplier: 0, rightShift: 0 };
  }
  const exponent = Math.floor(Math.log2(factor));
  const mantissa = Math.round((factor / 2 ** exponent) * 32768);
  // A mantissa just below 2 rounds to 65536, one bit too many.
  const carry = mantissa > 65535 ? 1 : 0;
  return {
    leftShift,
    multiplier: carry === 1 ? 32768 : mantissa,
    rightShift: leftShift - 1 - exponent - carry,
  };
}
