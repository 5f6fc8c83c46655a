import { TAP_SUM_LIMIT } from '../integer/limits.js';

export interface QuantisedTaps {
  /** [K x d]: row by row, the last row meets the newest token */
  taps: Int16Array;
  /** taps = float taps * scale, rounded. */
  scale: number;
}

/**
 * Taps with one scale for the whole block: the scale that brings the channel with the largest sum of |tap| to the
 * limit 32767, less what rounding K taps can add.
 *
 * @param weights [d x K], as FlashLM stores them
 */
export function quantiseTaps(weights: Float32Array, kernel: number): QuantisedTaps {
  const dimension = weights.length / kernel;
  let largestSum = 0;
  for (let channel = 0; channel < dimension; channel++) {
    const channelTaps = weights.subarray(channel * kernel, (channel + 1) * kernel);
    largestSum = Math.max(
      largestSum,
      channelTaps.reduce((sum, tap) => sum + Math.abs(tap), 0),
    );
  }
  const scale = largestSum === 0 ? 1 : (TAP_SUM_LIMIT - kernel / 2) / largestSum;
  const taps = new Int16Array(weights.length);
  for (let channel = 0; channel < dimension; channel++) {
    for (let tap = 0; tap < kernel; tap++) {
      taps[tap * dimension + channel] = Math.round(weights[channel * kernel + tap] * scale);
    }
  }
  return { taps, scale };
}
