import { bitLength, integerSqrt, roundShift } from './arithmetic.js';
import type { NormConstants } from './norm-constants.js';
import { largestMagnitude } from './quantiser.js';

/**
 * The RMS norm of docs/arithmetic.md, section 4.
 *
 * @param residual [d], 16 fraction bits
 * @param weights [d], with sqrt(d) and a power of two folded in
 * @param normalised [d], receives n, |n| < 2^30, for the activation quantiser
 */
export function normalise(
  residual: Int32Array,
  weights: Int16Array,
  { squareShift, epsilon }: NormConstants,
  normalised: Int32Array,
): void {
  const dropped = Math.max(0, bitLength(largestMagnitude(residual)) - 15);

  let sum = Math.floor(epsilon / 4 ** (dropped + squareShift));
  for (let i = 0; i < residual.length; i++) {
    const part = (residual[i] >> dropped) >> squareShift;
    sum += part * part;
  }

  let exponent = 0;
  while (sum * 4 ** exponent < 2 ** 30) {
    exponent++;
  }
  const root = integerSqrt(sum * 4 ** exponent);
  const reciprocal = Math.min(32767, Math.floor(2 ** 30 / root));

  const shift = 15 + squareShift - exponent;
  for (let i = 0; i < residual.length; i++) {
    const direction = roundShift((residual[i] >> dropped) * reciprocal, shift);
    normalised[i] = direction * weights[i];
  }
}
