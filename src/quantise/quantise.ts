import { FlashlmError } from '../errors.js';
import { clustersOf } from '../float/clusters.js';
import type { FloatModel } from '../float/model.js';
import { checkParameters, parameterOf } from '../float/parameter.js';
import { type TernarisedWeights, ternarise } from '../float/ternarise.js';
import { largestNonzeroCount } from '../integer/invariants.js';
import {
  MAXIMUM_GATE_FRACTION_BITS,
  MAXIMUM_UP_FRACTION_BITS,
  MINIMUM_GATE_FRACTION_BITS,
} from '../integer/limits.js';
import type {
  FixedPointScale,
  IntegerBlock,
  IntegerClusters,
  IntegerModel,
  TernaryMatrix,
} from '../integer/model.js';
import { normConstants } from '../integer/norm-constants.js';
import { type ModelConfig, parameterCount } from '../model/config.js';
import { quantiseTaps } from './convolution.js';
import { type QuantisedEmbedding, quantiseEmbedding } from './embedding.js';
import { mixedFractionBits, quantiseWriteBias } from './memory.js';
import { foldNorm, unitOf } from './norm.js';
import { fractionBitsFor, largestProjection } from './projection.js';
import { fixedPointScale, largestLeftShift } from './scale.js';

/** Fraction bits of the residual stream and of logits. */
const RESIDUAL_FRACTION_BITS = 16;

/**
 * Turns a float model into the integers of docs/arithmetic.md.
 *
 * The formats of values are chosen from bounds that hold for every input (`largestProjection`), so nothing has to
 * be calibrated on text: the same checkpoint always gives the same image.
 *
 * @param pieces bytes of every token, [V]
 * @throws FlashlmError `bad-checkpoint` for parameters that are missing, not finite or no clusters of the vocabulary,
 *   `bad-tokenizer` where the number of pieces is not the model's vocabulary
 */
export function quantise(model: FloatModel, pieces: Uint8Array[]): IntegerModel {
  checkParameters(model);
  const { context: _, ...config } = model.config;
  if (pieces.length !== config.vocabulary) {
    throw new FlashlmError(
      'bad-tokenizer',
      `The tokenizer has ${pieces.length} tokens and the model ${config.vocabulary}.`,
      'Use the tokenizer that the model was trained with.',
    );
  }
  const embedding = quantiseEmbedding(parameterOf(model, 'embedding.weight'), config.dimension);
  const finalNorm = foldNorm(parameterOf(model, 'final_norm.scale'));
  return {
    name: model.name,
    config,
    parameters: parameterCount(model.config),
    pieces,
    ...normConstants(config.dimension),
    // float = int8 * multiplier / 2^fractionBits, and the residual stream has 16 fraction bits.
    embeddingShift: embedding.fractionBits - RESIDUAL_FRACTION_BITS,
    ...headShifts(embedding, config.dimension, unitOf(finalNorm)),
    embeddingMultiplier: embedding.multiplier,
    embedding: embedding.embedding,
    clusters: quantiseClusters(model, unitOf(finalNorm)),
    screen: null,
    blocks: Array.from({ length: config.blocks }, (_block, index) =>
      quantiseBlock(model, `blocks.${index}.`),
    ),
    finalNorm: finalNorm.weights,
  };
}

/**
 * A logit is accumulator * multiplier / 2^fractionBits * unit, with 16 fraction bits. The head computes
 * accumulator * 2^leftShift * multiplier / 2^16 / 2^rightShift, so
 * 2^rightShift = 2^(leftShift - 16 - 16 + fractionBits) / unit.
 *
 * @param unit of the final norm's output, a power of two
 */
function headShifts(
  { embedding, fractionBits }: QuantisedEmbedding,
  dimension: number,
  unit: number,
): Pick<IntegerModel, 'headLeftShift' | 'headRightShift'> {
  const headLeftShift = largestLeftShift(largestRowSum(embedding, dimension));
  return {
    headLeftShift,
    headRightShift: headLeftShift - 16 - RESIDUAL_FRACTION_BITS + fractionBits - Math.log2(unit),
  };
}

/** The first level of a two-level softmax, in the embedding's format. @param unit of the final norm's output */
function quantiseClusters(model: FloatModel, unit: number): IntegerClusters | null {
  const clusters = clustersOf(model);
  if (clusters === null) return null;
  const quantised = quantiseEmbedding(clusters.weights, model.config.dimension);
  return {
    clusterOfToken: clusters.clusterOfToken,
    weights: quantised.embedding,
    multiplier: quantised.multiplier,
    ...headShifts(quantised, model.config.dimension, unit),
  };
}

function quantiseBlock(model: FloatModel, prefix: string): IntegerBlock {
  const { dimension: d, hidden, kernel, memory } = model.config;
  const parameter = (name: string) => parameterOf(model, prefix + name);
  const mixer = quantiseMixer({
    normWeights: parameter('norm1.scale'),
    up: ternarise(parameter('mixer.up.weight')),
    taps: parameter('mixer.conv.weight'),
    kernel,
    memory,
    writeBias: memory === undefined ? new Float32Array(0) : parameter('mixer.write_bias'),
    down: ternarise(parameter('mixer.down.weight')),
  });
  const feedForward = quantiseFeedForward({
    normWeights: parameter('norm2.scale'),
    gate: ternarise(parameter('ffn.W_gate.weight')),
    up: ternarise(parameter('ffn.W_up.weight')),
    down: ternarise(parameter('ffn.W_down.weight')),
    dimension: d,
    hidden,
  });
  return { ...mixer, ...feedForward };
}

type MixerPart = Pick<
  IntegerBlock,
  | 'norm1'
  | 'mixerUp'
  | 'mixerUpScale'
  | 'mixerFractionBits'
  | 'taps'
  | 'writeBias'
  | 'mixerDown'
  | 'mixerDownScale'
>;

function quantiseMixer(mixer: {
  normWeights: Float32Array;
  up: TernarisedWeights;
  taps: Float32Array;
  kernel: number;
  memory: ModelConfig['memory'];
  writeBias: Float32Array;
  down: TernarisedWeights;
}): MixerPart {
  const d = mixer.normWeights.length;
  const norm = foldNorm(mixer.normWeights);
  const fractionBits = gateFractionBits(largestProjection(mixer.up, mixer.normWeights));
  const { taps, scale: tapScale } = quantiseTaps(mixer.taps, mixer.kernel);
  // The product with the sigmoid (2^15) loses 16 bits to fraction_multiply.
  const productUnit = 2 / (tapScale * 2 ** mixedFractionBits(fractionBits, mixer.memory));
  const mixerUp = matrixOf(mixer.up, d);
  const mixerDown = matrixOf(mixer.down, d);
  return {
    norm1: norm.weights,
    mixerUp,
    mixerUpScale: scaleOf(mixer.up, mixerUp, unitOf(norm), fractionBits),
    mixerFractionBits: fractionBits,
    taps,
    writeBias: quantiseWriteBias(mixer.writeBias, fractionBits),
    mixerDown,
    mixerDownScale: scaleOf(mixer.down, mixerDown, productUnit, RESIDUAL_FRACTION_BITS),
  };
}

type FeedForwardPart = Omit<IntegerBlock, keyof MixerPart>;

/**
 * The up projection takes no part in a sigmoid, so its fraction bits are free; they follow the same bound as the
 * gate's, which leaves as many significant bits in the product as its factors have.
 */
function quantiseFeedForward(layer: {
  normWeights: Float32Array;
  gate: TernarisedWeights;
  up: TernarisedWeights;
  down: TernarisedWeights;
  dimension: number;
  hidden: number;
}): FeedForwardPart {
  const { dimension: d, hidden } = layer;
  const norm = foldNorm(layer.normWeights);
  const gateBits = gateFractionBits(largestProjection(layer.gate, layer.normWeights));
  const upBits = fractionBitsFor(largestProjection(layer.up, layer.normWeights), 0, MAXIMUM_UP_FRACTION_BITS);
  const gate = matrixOf(layer.gate, d);
  const up = matrixOf(layer.up, d);
  const ffnIn: TernaryMatrix = { rows: 2 * hidden, columns: d, weights: new Int8Array(2 * hidden * d) };
  ffnIn.weights.set(gate.weights, 0);
  ffnIn.weights.set(up.weights, hidden * d);
  const ffnDown = matrixOf(layer.down, hidden);
  return {
    norm2: norm.weights,
    ffnIn,
    ffnGateScale: scaleOf(layer.gate, gate, unitOf(norm), gateBits),
    gateFractionBits: gateBits,
    ffnUpScale: scaleOf(layer.up, up, unitOf(norm), upBits),
    upFractionBits: upBits,
    ffnDown,
    ffnDownScale: scaleOf(layer.down, ffnDown, 2 ** -(gateBits + upBits), RESIDUAL_FRACTION_BITS),
  };
}

function gateFractionBits(largest: number): number {
  return fractionBitsFor(largest, MINIMUM_GATE_FRACTION_BITS, MAXIMUM_GATE_FRACTION_BITS);
}

function matrixOf({ weights }: TernarisedWeights, columns: number): TernaryMatrix {
  return { rows: weights.length / columns, columns, weights };
}

/**
 * The scale from accumulators to values with `fractionBits`.
 *
 * @param inputUnit what one unit of an activation with exponent 0 is worth in float
 */
function scaleOf(
  { scale }: TernarisedWeights,
  matrix: TernaryMatrix,
  inputUnit: number,
  fractionBits: number,
): FixedPointScale {
  return fixedPointScale(scale * inputUnit * 2 ** fractionBits, largestNonzeroCount(matrix));
}

/** Largest sum of magnitudes over a row. */
function largestRowSum(values: Int8Array, columns: number): number {
  let largest = 0;
  for (let start = 0; start < values.length; start += columns) {
    const row = values.subarray(start, start + columns);
    largest = Math.max(
      largest,
      row.reduce((sum, value) => sum + Math.abs(value), 0),
    );
  }
  return largest;
}
