import type { IntegerModel } from '../../src/integer/model.js';
import { makeScreen } from '../../src/quantise/screen/screen.js';
import { makeRandomModel, RandomNumbers } from '../integer/random-model.js';

/**
 * Rows as trained models have them: most of each is one direction that all share, the rest is long in a few tokens and
 * short in most.
 */
function withSharedDirection(model: IntegerModel, seed: number): IntegerModel {
  const { vocabulary, dimension: d } = model.config;
  const random = new RandomNumbers(seed);
  const shared = Float64Array.from({ length: d }, () => random.normal());
  const embedding = new Int8Array(vocabulary * d);
  for (let token = 0; token < vocabulary; token++) {
    const spread = 1 + 12 * random.fraction() ** 6;
    for (let i = 0; i < d; i++) {
      const weight = 24 * shared[i] + spread * random.normal();
      embedding[token * d + i] = Math.max(-127, Math.min(127, Math.round(weight)));
    }
  }
  const embeddingMultiplier = Uint16Array.from({ length: vocabulary }, () => random.integer(30000, 65535));
  return { ...model, embedding, embeddingMultiplier };
}

/** Every row is there many times, so that the order of tokens decides. */
function withEqualRows(model: IntegerModel): IntegerModel {
  const { vocabulary, dimension: d } = model.config;
  const different = 7;
  const embedding = new Int8Array(vocabulary * d);
  for (let token = 0; token < vocabulary; token++) {
    const row = (token % different) * d;
    embedding.set(model.embedding.subarray(row, row + d), token * d);
  }
  return { ...model, embedding, embeddingMultiplier: model.embeddingMultiplier.map(() => 50000) };
}

function screened(model: IntegerModel): IntegerModel {
  const screen = makeScreen(model);
  if (screen === null) throw new Error('no screen was found');
  return { ...model, screen };
}

const skewed = withSharedDirection(
  makeRandomModel({ vocabulary: 1203, dimension: 48, blocks: 1, hidden: 24, kernel: 2 }, 31),
  1,
);

/**
 * Models with a screen: rows like trained ones, with logits of any size; of equal rows; of no length; at the limits of the
 * arithmetic; an odd dimension; so few columns that the screen has one stage.
 */
export const SCREENED_MODELS: Record<string, IntegerModel> = {
  skewed: screened(skewed),
  skewedLargeLogits: screened({ ...skewed, headRightShift: skewed.headRightShift - 6 }),
  skewedSmallLogits: screened({ ...skewed, headRightShift: skewed.headRightShift + 5 }),
  equalRows: screened(withEqualRows(skewed)),
  zeroRows: screened({ ...skewed, embedding: new Int8Array(skewed.embedding.length) }),
  odd: screened(
    withSharedDirection(
      makeRandomModel({ vocabulary: 301, dimension: 13, blocks: 2, hidden: 27, kernel: 8 }, 32),
      2,
    ),
  ),
  oneStage: screened(makeRandomModel({ vocabulary: 259, dimension: 4, blocks: 1, hidden: 8, kernel: 1 }, 33)),
  extreme: screened(
    makeRandomModel({ vocabulary: 290, dimension: 37, blocks: 2, hidden: 40, kernel: 3 }, 34, {
      extreme: true,
    }),
  ),
  wide: screened(
    withSharedDirection(
      makeRandomModel({ vocabulary: 457, dimension: 192, blocks: 1, hidden: 64, kernel: 2 }, 35),
      3,
    ),
  ),
};
