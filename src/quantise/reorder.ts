import type { IntegerModel } from '../integer/model.js';

/**
 * The same model with its tokens in another order: every logit stays what it was, at another place. (In a two-level
 * softmax a token that occurs twice, or not at all, changes what the others of its cluster share.) A screen is left behind.
 *
 * @param rows the old token for each new one; one may occur more than once or not at all
 * @param pieces bytes of every new token
 */
export function reorderTokens(model: IntegerModel, rows: Uint16Array, pieces: Uint8Array[]): IntegerModel {
  const { config, clusters } = model;
  const { dimension } = config;
  const embedding = new Int8Array(rows.length * dimension);
  for (const [token, row] of rows.entries()) {
    embedding.set(model.embedding.subarray(row * dimension, (row + 1) * dimension), token * dimension);
  }
  return {
    ...model,
    config: { ...config, vocabulary: rows.length },
    pieces,
    embedding,
    embeddingMultiplier: Uint16Array.from(rows, (row) => model.embeddingMultiplier[row]),
    screen: null,
    clusters: clusters && {
      ...clusters,
      clusterOfToken: Uint16Array.from(rows, (row) => clusters.clusterOfToken[row]),
    },
  };
}

/** Pieces for a model whose tokens are used by their ids alone. */
export function withoutPieces(vocabulary: number): Uint8Array[] {
  return new Array<Uint8Array>(vocabulary).fill(new Uint8Array(0));
}
