/** FlashLM's guard against a matrix of zeros. */
const SCALE_EPSILON = 1e-8;

export interface TernarisedWeights {
  /** -1, 0 or +1, in the order of the latent weights. */
  weights: Int8Array;
  /** mean|w| of the latent weights; the matrix stands for weights * scale. */
  scale: number;
}

/**
 * clamp(round(w / (mean|w| + 1e-8)), -1, 1), with round half to even, in float32 as PyTorch computes it. Half to
 * even makes exactly one half a zero, so the threshold is strict.
 */
export function ternarise(latent: Float32Array): TernarisedWeights {
  let sum = 0;
  for (let i = 0; i < latent.length; i++) {
    sum += Math.abs(latent[i]);
  }
  const scale = Math.fround(sum / latent.length);
  const divisor = Math.fround(scale + Math.fround(SCALE_EPSILON));
  const weights = new Int8Array(latent.length);
  for (let i = 0; i < latent.length; i++) {
    const ratio = Math.fround(latent[i] / divisor);
    if (ratio > 0.5) {
      weights[i] = 1;
    } else if (ratio < -0.5) {
      weights[i] = -1;
    }
  }
  return { weights, scale };
}
