import { findClusterProblem } from '../model/cluster-order.js';
import { findShapeProblem, memorySlots, mixerRows, modelConfigSchema } from '../model/config.js';
import {
  ACCUMULATOR_LIMIT,
  ACTIVATION_LIMIT,
  EMBEDDING_LIMIT,
  MAXIMUM_GATE_FRACTION_BITS,
  MAXIMUM_LEFT_SHIFT,
  MAXIMUM_MULTIPLIER,
  MAXIMUM_UP_FRACTION_BITS,
  MINIMUM_GATE_FRACTION_BITS,
  NORM_WEIGHT_LIMIT,
  RIGHT_SHIFT_LIMIT,
  TAP_SUM_LIMIT,
} from './limits.js';
import type { FixedPointScale, IntegerBlock, IntegerModel, TernaryMatrix } from './model.js';
import { normConstants } from './norm-constants.js';
import { findScreenProblem } from './screen.js';

const shapeSchema = modelConfigSchema.omit({ context: true });

/**
 * Checks everything that docs/arithmetic.md takes for granted about a model: shapes, and the limits from
 * which its section 9 concludes that nothing overflows.
 *
 * @returns what is wrong as a clause ("norm1 of block 0 holds ..."), or null for a sound model
 */
export function findBrokenInvariant(model: IntegerModel): string | null {
  return (
    checkShape(model) ??
    checkConstants(model) ??
    checkEmbedding(model) ??
    checkClusters(model) ??
    findScreenProblem(model) ??
    firstProblem(model.blocks, (block, index) => checkBlock(model, block, `of block ${index}`)) ??
    checkNorm(model.finalNorm, model.config.dimension, 'final_norm')
  );
}

function checkShape({ config, blocks, parameters }: IntegerModel): string | null {
  const parsed = shapeSchema.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `the model's ${issue.path.join('.')} is out of range: ${issue.message}`;
  }
  const problem = findShapeProblem(config);
  if (problem !== null) {
    return problem;
  }
  if (blocks.length !== config.blocks) {
    return `the model has ${blocks.length} blocks where its shape says ${config.blocks}`;
  }
  if (!isIntegerWithin(parameters, 0, 2 ** 32 - 1)) {
    return `the number of parameters is ${parameters}`;
  }
  return null;
}

function checkConstants(model: IntegerModel): string | null {
  const expected = normConstants(model.config.dimension);
  if (model.squareShift !== expected.squareShift) {
    return `square_shift is ${model.squareShift} where the dimension asks for ${expected.squareShift}`;
  }
  if (model.epsilon !== expected.epsilon) {
    return `epsilon is ${model.epsilon} where the dimension asks for ${expected.epsilon}`;
  }
  return null;
}

function checkEmbedding(model: IntegerModel): string | null {
  const { vocabulary, dimension } = model.config;
  if (model.embedding.length !== vocabulary * dimension || model.embeddingMultiplier.length !== vocabulary) {
    return 'the embedding does not have the shape of the model';
  }
  if (!isRightShift(model.embeddingShift) || !isRightShift(model.headRightShift)) {
    return 'a right shift of embedding or head is out of range';
  }
  return checkHead(model.embedding, dimension, model.headLeftShift, 'the head', 'embedding');
}

/**
 * Clusters need no limit of their own for the sum of section 9, W <= V * 65535 < 2^32: the largest vocabulary, 65535,
 * keeps it. That a cluster has a token makes W at least the 65535 of its best one, so its logarithm exists.
 */
function checkClusters({ config, clusters }: IntegerModel): string | null {
  const count = config.clusters ?? 0;
  if (clusters === null) {
    return count === 0 ? null : `the model has no clusters where its shape says ${count}`;
  }
  const { clusterOfToken, weights, multiplier, headLeftShift, headRightShift } = clusters;
  if (
    count === 0 ||
    clusterOfToken.length !== config.vocabulary ||
    weights.length !== count * config.dimension ||
    multiplier.length !== count
  ) {
    return 'the clusters do not have the shape of the model';
  }
  if (!isRightShift(headRightShift)) {
    return `the head of the clusters has the right shift ${headRightShift}, which is out of range`;
  }
  return (
    findClusterProblem(clusterOfToken, count) ??
    checkHead(weights, config.dimension, headLeftShift, 'the head of the clusters', 'clusters')
  );
}

/** Rows of int8 weights that the activations of the final norm are multiplied with. */
function checkHead(
  weights: Int8Array,
  columns: number,
  leftShift: number,
  what: string,
  matrix: string,
): string | null {
  let largestRowSum = 0;
  for (let row = 0; row < weights.length / columns; row++) {
    let rowSum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const magnitude = Math.abs(weights[i]);
      if (magnitude > EMBEDDING_LIMIT) {
        return `${matrix} row ${row} holds ${weights[i]}, below -${EMBEDDING_LIMIT}`;
      }
      rowSum += magnitude;
    }
    largestRowSum = Math.max(largestRowSum, rowSum);
  }
  return checkLeftShift(leftShift, largestRowSum, what);
}

function checkBlock(model: IntegerModel, block: IntegerBlock, where: string): string | null {
  const { dimension: d, hidden } = model.config;
  return (
    checkNorm(block.norm1, d, `norm1 ${where}`) ??
    checkMatrix(block.mixerUp, mixerRows(model.config), d, `mixer_up ${where}`) ??
    checkScale(block.mixerUpScale, block.mixerUp, `mixer_up_scale ${where}`) ??
    checkGateFractionBits(block.mixerFractionBits, `mixer_fraction_bits ${where}`) ??
    checkTaps(block.taps, model.config, `convolution ${where}`) ??
    checkWriteBias(block.writeBias, memorySlots(model.config), `write_bias ${where}`) ??
    checkMatrix(block.mixerDown, d, d, `mixer_down ${where}`) ??
    checkScale(block.mixerDownScale, block.mixerDown, `mixer_down_scale ${where}`) ??
    checkNorm(block.norm2, d, `norm2 ${where}`) ??
    checkMatrix(block.ffnIn, 2 * hidden, d, `ffn_in ${where}`) ??
    checkScale(block.ffnGateScale, upperHalf(block.ffnIn), `ffn_gate_scale ${where}`) ??
    checkGateFractionBits(block.gateFractionBits, `gate_fraction_bits ${where}`) ??
    checkScale(block.ffnUpScale, lowerHalf(block.ffnIn), `ffn_up_scale ${where}`) ??
    checkUpFractionBits(block.upFractionBits, `up_fraction_bits ${where}`) ??
    checkMatrix(block.ffnDown, d, hidden, `ffn_down ${where}`) ??
    checkScale(block.ffnDownScale, block.ffnDown, `ffn_down_scale ${where}`)
  );
}

function checkNorm(weights: Int16Array, dimension: number, what: string): string | null {
  if (weights.length !== dimension) {
    return `${what} has ${weights.length} weights where the dimension is ${dimension}`;
  }
  const wrong = weights.find((weight) => Math.abs(weight) > NORM_WEIGHT_LIMIT);
  return wrong === undefined ? null : `${what} holds ${wrong}; the limit is ${NORM_WEIGHT_LIMIT}`;
}

function checkMatrix(matrix: TernaryMatrix, rows: number, columns: number, what: string): string | null {
  if (matrix.rows !== rows || matrix.columns !== columns || matrix.weights.length !== rows * columns) {
    return `${what} is not a matrix of ${rows} x ${columns}`;
  }
  const wrong = matrix.weights.find((weight) => weight < -1 || weight > 1);
  return wrong === undefined ? null : `${what} holds the weight ${wrong}, which is not ternary`;
}

function checkScale(scale: FixedPointScale, matrix: TernaryMatrix, what: string): string | null {
  if (!isIntegerWithin(scale.multiplier, 0, MAXIMUM_MULTIPLIER)) {
    return `${what} has the multiplier ${scale.multiplier}; the limit is ${MAXIMUM_MULTIPLIER}`;
  }
  if (!isRightShift(scale.rightShift)) {
    return `${what} has the right shift ${scale.rightShift}, which is out of range`;
  }
  return checkLeftShift(scale.leftShift, largestNonzeroCount(matrix), what);
}

function checkLeftShift(leftShift: number, largestRowSum: number, what: string): string | null {
  if (!isIntegerWithin(leftShift, 0, MAXIMUM_LEFT_SHIFT)) {
    return `${what} has the left shift ${leftShift}, which is out of range`;
  }
  if (largestRowSum * ACTIVATION_LIMIT * 2 ** leftShift > ACCUMULATOR_LIMIT) {
    return `${what} has the left shift ${leftShift}, with which an accumulator could overflow`;
  }
  return null;
}

function checkTaps(taps: Int16Array, config: IntegerModel['config'], what: string): string | null {
  const { dimension, kernel } = config;
  if (taps.length !== kernel * dimension) {
    return `${what} is not a matrix of ${kernel} x ${dimension}`;
  }
  for (let channel = 0; channel < dimension; channel++) {
    let sum = 0;
    for (let tap = 0; tap < kernel; tap++) {
      sum += Math.abs(taps[tap * dimension + channel]);
    }
    if (sum > TAP_SUM_LIMIT) {
      return `the taps of channel ${channel} in ${what} sum to ${sum}; the limit is ${TAP_SUM_LIMIT}`;
    }
  }
  return null;
}

/**
 * Any bias of 16 bits will do: with a write it stays below 2^16. What the memory holds needs no check of its own either.
 * With k = bit_length(n - 1), |c'| = |c >> k| < 2^(30-k), because |c| <= 32767^2 (checkTaps). S begins at 0, and
 * S + floor((c' - S) w / 65536) with 0 <= w < 65536 lies between S and c' whatever the sign of c' - S, because both are
 * whole numbers: so |S| < 2^(30-k) too. A head's n <= 2^k slots add at most 2^29, and c' / 2^(16-f) at most 2^28 for
 * f <= 14: |o| <= 2^30, as the quantiser of activations asks.
 */
function checkWriteBias(bias: Int16Array, slots: number, what: string): string | null {
  return bias.length === slots
    ? null
    : `${what} has ${bias.length} values where the memory has ${slots} slots`;
}

function checkGateFractionBits(bits: number, what: string): string | null {
  return isIntegerWithin(bits, MINIMUM_GATE_FRACTION_BITS, MAXIMUM_GATE_FRACTION_BITS)
    ? null
    : `${what} is ${bits}, outside ${MINIMUM_GATE_FRACTION_BITS}..${MAXIMUM_GATE_FRACTION_BITS}`;
}

function checkUpFractionBits(bits: number, what: string): string | null {
  return isIntegerWithin(bits, 0, MAXIMUM_UP_FRACTION_BITS)
    ? null
    : `${what} is ${bits}, outside 0..${MAXIMUM_UP_FRACTION_BITS}`;
}

/** Largest number of non-zero weights in a row: the largest accumulator of activations that are all 1. */
export function largestNonzeroCount({ rows, columns, weights }: TernaryMatrix): number {
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      count += weights[i] & 1;
    }
    largest = Math.max(largest, count);
  }
  return largest;
}

/** The gate rows of `ffn_in`, without a copy. */
function upperHalf({ rows, columns, weights }: TernaryMatrix): TernaryMatrix {
  return { rows: rows / 2, columns, weights: weights.subarray(0, (rows / 2) * columns) };
}

/** The up rows of `ffn_in`, without a copy. */
function lowerHalf({ rows, columns, weights }: TernaryMatrix): TernaryMatrix {
  return { rows: rows / 2, columns, weights: weights.subarray((rows / 2) * columns) };
}

function isRightShift(shift: number): boolean {
  return isIntegerWithin(shift, -RIGHT_SHIFT_LIMIT, RIGHT_SHIFT_LIMIT);
}

function isIntegerWithin(value: number, least: number, largest: number): boolean {
  return Number.isInteger(value) && value >= least && value <= largest;
}

function firstProblem<Item>(
  items: Item[],
  check: (item: Item, index: number) => string | null,
): string | null {
  for (const [index, item] of items.entries()) {
    const problem = check(item, index);
    if (problem !== null) {
      return problem;
    }
  }
  return null;
}
