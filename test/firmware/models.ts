import { writeImage } from '../../src/image/write.js';
import type { IntegerModel } from '../../src/integer/model.js';
import { makeRandomModel } from '../integer/random-model.js';

/** Pieces over a small alphabet, so that they overlap and lengthen each other: what makes a greedy match hard. */
export function overlappingPieces(count: number): Uint8Array[] {
  const learned = new Set<string>();
  for (let i = 0; learned.size < count; i++) {
    let text = '';
    for (let rest = i + 5; rest > 0; rest = Math.floor(rest / 4)) {
      text += 'ab c'[rest % 4];
    }
    if (text.length > 1) {
      learned.add(text);
    }
  }
  const sorted = [...learned].map((text) => Buffer.from(text)).sort(Buffer.compare);
  return [
    new Uint8Array(0),
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...sorted.map((piece) => Uint8Array.from(piece)),
  ];
}

/** The model with other clusters: of the given sizes, but the last, which gets the rest; neighbours fall apart. */
function withClusterSizes(model: IntegerModel, sizes: number[]): IntegerModel {
  if (model.clusters === null) throw new Error('this model has no clusters');
  const clusterOfToken = new Uint16Array(model.config.vocabulary).fill(sizes.length);
  let place = 0;
  for (const [cluster, size] of sizes.entries()) {
    for (let i = 0; i < size; i++, place++) {
      // 101 is prime to every vocabulary here, so that each token is met once.
      clusterOfToken[(place * 101) % clusterOfToken.length] = cluster;
    }
  }
  return { ...model, clusters: { ...model.clusters, clusterOfToken } };
}

/** The model with logits doubled so often: random weights alone make all tokens about equally likely. */
function withDoubledLogits(model: IntegerModel, times: { tokens: number; clusters: number }): IntegerModel {
  if (model.clusters === null) throw new Error('this model has no clusters');
  return {
    ...model,
    headRightShift: model.headRightShift - times.tokens,
    clusters: { ...model.clusters, headRightShift: model.clusters.headRightShift - times.clusters },
  };
}

/** The model with the same logit for all clusters and for most tokens, so that their order decides. */
function withEqualLogits(model: IntegerModel): IntegerModel {
  if (model.clusters === null) throw new Error('this model has no clusters');
  return {
    ...model,
    embeddingMultiplier: model.embeddingMultiplier.map((multiplier, i) => (i % 20 === 7 ? multiplier : 0)),
    clusters: { ...model.clusters, multiplier: model.clusters.multiplier.map(() => 0) },
  };
}

/**
 * Small random models: even and odd sizes, one tap, one block, numbers at the limits of the arithmetic; a memory of one
 * head, of a head for each channel, of one slot and of many; clusters of one token, of nearly all, and one for each.
 */
export const MODELS: Record<string, IntegerModel> = {
  small: {
    ...makeRandomModel({ vocabulary: 263, dimension: 12, blocks: 2, hidden: 22, kernel: 3 }, 1),
  },
  odd: makeRandomModel({ vocabulary: 301, dimension: 13, blocks: 3, hidden: 27, kernel: 8 }, 2),
  oneTap: makeRandomModel({ vocabulary: 259, dimension: 20, blocks: 1, hidden: 40, kernel: 1 }, 3),
  narrowHidden: makeRandomModel({ vocabulary: 300, dimension: 44, blocks: 2, hidden: 8, kernel: 2 }, 4),
  extreme: makeRandomModel({ vocabulary: 290, dimension: 37, blocks: 4, hidden: 64, kernel: 8 }, 5, {
    extreme: true,
  }),
  wide: {
    ...makeRandomModel({ vocabulary: 457, dimension: 192, blocks: 2, hidden: 512, kernel: 8 }, 6),
    pieces: overlappingPieces(200),
  },
  memory: makeRandomModel(
    { vocabulary: 270, dimension: 24, blocks: 2, hidden: 30, kernel: 4, memory: { heads: 3, slots: 8 } },
    7,
  ),
  memoryOneSlot: makeRandomModel(
    { vocabulary: 261, dimension: 15, blocks: 2, hidden: 21, kernel: 1, memory: { heads: 15, slots: 1 } },
    8,
  ),
  memoryManySlots: makeRandomModel(
    { vocabulary: 259, dimension: 10, blocks: 1, hidden: 12, kernel: 2, memory: { heads: 1, slots: 64 } },
    9,
  ),
  memoryExtreme: makeRandomModel(
    { vocabulary: 263, dimension: 26, blocks: 3, hidden: 33, kernel: 3, memory: { heads: 2, slots: 33 } },
    10,
    { extreme: true },
  ),
  clusters: withDoubledLogits(
    makeRandomModel({ vocabulary: 300, dimension: 20, blocks: 1, hidden: 24, kernel: 2, clusters: 7 }, 11),
    { tokens: 1, clusters: 4 },
  ),
  unequalClusters: withClusterSizes(
    makeRandomModel({ vocabulary: 401, dimension: 13, blocks: 1, hidden: 8, kernel: 1, clusters: 5 }, 12),
    [1, 2, 387, 1],
  ),
  clusterForEach: withClusterSizes(
    makeRandomModel({ vocabulary: 267, dimension: 8, blocks: 1, hidden: 8, kernel: 2, clusters: 267 }, 13),
    Array.from({ length: 266 }, () => 1),
  ),
  tiedClusters: withEqualLogits(
    withClusterSizes(
      makeRandomModel({ vocabulary: 300, dimension: 8, blocks: 1, hidden: 8, kernel: 2, clusters: 10 }, 16),
      Array.from({ length: 9 }, () => 30),
    ),
  ),
  clustersExtreme: makeRandomModel(
    { vocabulary: 290, dimension: 37, blocks: 2, hidden: 40, kernel: 3, clusters: 24 },
    14,
    { extreme: true },
  ),
  memoryAndClusters: {
    ...withDoubledLogits(
      makeRandomModel(
        {
          vocabulary: 457,
          dimension: 192,
          blocks: 2,
          hidden: 512,
          kernel: 4,
          memory: { heads: 6, slots: 8 },
          clusters: 16,
        },
        15,
      ),
      { tokens: 4, clusters: 5 },
    ),
    pieces: overlappingPieces(200),
  },
};

export const IMAGES = Object.fromEntries(
  Object.entries(MODELS).map(([name, model]) => [name, writeImage(model)]),
);
