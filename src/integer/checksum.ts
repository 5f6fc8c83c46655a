import { clusterOrder } from '../model/cluster-order.js';
import type { IntegerModel } from './model.js';

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * The word hash of docs/arithmetic.md, section 8, over signed or unsigned 32-bit words. Changing one word always
 * changes it.
 *
 * @param order places of the words, in the order in which they are hashed
 * @returns an unsigned 32-bit number
 */
export function checksumOf(words: ArrayLike<number>, order?: Uint16Array): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[order === undefined ? i : order[i]], PRIME);
  }
  return hash >>> 0;
}

/** The order of a step's logits in its checksum: that of a chip, which goes from cluster to cluster. */
export function checksumOrder({ config, clusters }: IntegerModel): Uint16Array | undefined {
  return clusters === null ? undefined : clusterOrder(clusters.clusterOfToken, config.clusters ?? 0).tokens;
}
