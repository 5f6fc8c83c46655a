/**
 * The primitives of docs/arithmetic.md, section 1. Products that need more than 32 bits are formed as doubles,
 * which are exact below 2^53; no value here goes beyond 2^48.
 */

import type { FixedPointScale } from './model.js';

/** Number of bits of an unsigned 32-bit number; 0 for 0. */
export function bitLength(x: number): number {
  return 32 - Math.clz32(x);
}

/** x / 2^shift to nearest, a tie towards plus infinity. Requires |x| <= 2^30, shift >= 0. */
export function roundShift(x: number, shift: number): number {
  if (shift === 0) {
    return x;
  }
  return shift >= 31 ? 0 : (x + (1 << (shift - 1))) >> shift;
}

export function clamp(x: number, limit: number): number {
  return Math.max(-limit, Math.min(x, limit));
}

/** x / 2^shift, rounded and saturated at the limit; a negative shift multiplies. Requires |x| <= 2^30. */
export function scaleShift(x: number, shift: number, limit: number): number {
  if (shift >= 0) {
    return clamp(roundShift(x, shift), limit);
  }
  const left = Math.min(-shift, 30);
  if (Math.abs(x) > limit >> left) {
    return x < 0 ? -limit : limit;
  }
  return x << left;
}

/** floor(x * m / 65536) of a signed or unsigned 32-bit x and 0 <= m <= 65535. */
export function fractionMultiply(x: number, m: number): number {
  return Math.floor((x * m) / 65536);
}

/** floor(x * m / 65536) of a signed 32-bit x and |m| <= 32767. */
export function signedMultiply(x: number, m: number): number {
  return Math.floor((x * m) / 65536);
}

/** floor(sqrt(x)) of an unsigned 32-bit number; a double's square root is exact enough to be floored. */
export function integerSqrt(x: number): number {
  return Math.floor(Math.sqrt(x));
}

/**
 * Takes an accumulator to its target format.
 *
 * @param exponent shared exponent of the activations that the accumulator was summed from
 */
export function rescale(
  accumulator: number,
  scale: FixedPointScale,
  exponent: number,
  limit: number,
): number {
  const scaled = fractionMultiply(accumulator << scale.leftShift, scale.multiplier);
  return scaleShift(scaled, scale.rightShift - exponent, limit);
}
