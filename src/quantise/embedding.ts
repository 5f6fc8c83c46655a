import { EMBEDDING_LIMIT, MAXIMUM_MULTIPLIER } from '../integer/limits.js';

export interface QuantisedEmbedding {
  /** [V x d], |.| <= 127 */
  embedding: Int8Array;
  /** [V] */
  multiplier: Uint16Array;
  /** float = embedding * multiplier / 2^fractionBits */
  fractionBits: number;
}

/**
 * Eight bits an element with a scale of its own for each row: multiplier / 2^fractionBits. The power of two is
 * common to all rows and gives the largest row a multiplier of 32768..65535. A row's multiplier is rounded up, so
 * that its largest element stays within 127.
 *
 * @param weights [V x d]
 */
export function quantiseEmbedding(weights: Float32Array, dimension: number): QuantisedEmbedding {
  const vocabulary = weights.length / dimension;
  const rowScales = Array.from({ length: vocabulary }, (_, token) => {
    const row = weights.subarray(token * dimension, (token + 1) * dimension);
    return row.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / EMBEDDING_LIMIT;
  });
  const largest = rowScales.reduce((most, scale) => Math.max(most, scale), 0);
  const fractionBits = largest === 0 ? 0 : Math.floor(Math.log2(MAXIMUM_MULTIPLIER / largest));

  const multiplier = Uint16Array.from(rowScales, (scale) => Math.ceil(scale * 2 ** fractionBits));
  const embedding = new Int8Array(weights.length);
  for (let token = 0; token < vocabulary; token++) {
    const step = multiplier[token] / 2 ** fractionBits;
    for (let i = token * dimension; i < (token + 1) * dimension; i++) {
      embedding[i] = step === 0 ? 0 : Math.round(weights[i] / step);
    }
  }
  return { embedding, multiplier, fractionBits };
}
