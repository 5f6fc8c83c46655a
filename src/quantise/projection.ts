import type { TernarisedWeights } from '../float/ternarise.js';
import { GATE_LIMIT } from '../integer/limits.js';

/**
 * The largest magnitude that a row of a projection of normalised activations can give:
 *
 *   |y| <= scale * sqrt(d) * sqrt(sum of norm weight^2 over the row's non-zero weights)
 *
 * A norm's output is x_i = sqrt(d) * u_i * weight_i with |u| <= 1, and by Cauchy and Schwarz a signed sum of
 * u_i * weight_i is at most |u| times the length of the weights that take part.
 *
 * @param projection rows of d weights
 * @param normWeights [d], of the norm in front, in float
 */
export function largestProjection({ weights, scale }: TernarisedWeights, normWeights: Float32Array): number {
  const d = normWeights.length;
  let largest = 0;
  for (let start = 0; start < weights.length; start += d) {
    let squares = 0;
    for (let i = 0; i < d; i++) {
      if (weights[start + i] !== 0) {
        squares += normWeights[i] * normWeights[i];
      }
    }
    largest = Math.max(largest, squares);
  }
  return scale * Math.sqrt(d * largest);
}

/** The most fraction bits, within least..most, with which a value of this magnitude stays within 32767. */
export function fractionBitsFor(magnitude: number, least: number, most: number): number {
  if (magnitude === 0) {
    return most;
  }
  return Math.max(least, Math.min(most, Math.floor(Math.log2(GATE_LIMIT / magnitude))));
}
