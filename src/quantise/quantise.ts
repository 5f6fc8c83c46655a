import { FlashlmError } from '../errors.js';
import type { FloatModel } from '../float/model.js';
import { checkParameters, parameterOf } from '../float/parameter.js';
import { type TernarisedWeights, ternarise } from '../float/ternarise.js';
import { largestNonzeroCount } from '../integer/invariants.js';
import {
  MAXIMUM_GATE_FRACTION_BITS,
  MAXIMUM_UP_FRACTION_BITS,
  MINIMUM_GATE_FRACTION_BITS,
} from '../integer/limits.js';
import type { FixedPointScale, IntegerBlock, IntegerModel, TernaryMatrix } from '../integer/model.js';
import { normConstants } from '../integer/norm-constants.js';
import { parameterCount } from '../model/config.js';
import { quantiseTaps } from './convolution.js';
import { quantiseEmbedding } from './embedding.js';
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
 * @throws FlashlmError `bad-checkpoint` for parameters that are missing or not finite, `bad-tokenizer` where the
 *   number of pieces is not the model's vocabulary
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
  const headLeftShift = largestLeftShift(largestRowSum(embedding.embedding, config.dimension));
  return {
    name: model.name,
    config,
    parameters: parameterCount(model.config),
    pieces,
    ...normConstants(config.dimension),
    // float = int8 * multiplier / 2^fractionBits, and the residual stream has 16 fraction bits.
    embeddingShift: embedding.fractionBits - RESIDUAL_FRACTION_BITS,
    headLeftShift,
    headRightShift: headRightShift(headLeftShift, embedding.fractionBits, unitOf(finalNorm)),
    embeddingMultiplier: embedding.multiplier,
    embedding: embedding.embedding,
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
function headRightShift(leftShift: number, fractionBits: number, unit: number): number {
  return leftShift - 16 - RESIDUAL_FRACTION_BITS + fractionBits - Math.log2(unit);
}

function quantiseBlock(model: FloatModel, prefix: string): IntegerBlock {
  const { dimension: d, hidden, kernel } = model.config;
  const parameter = (name: string) => parameterOf(model, prefix + name);
  const mixer = quantiseMixer({
    normWeights: parameter('norm1.scale'),
    up: ternarise(parameter('mixer.up.weight')),
    taps: parameter('mixer.conv.weight'),
    kernel,
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
  'norm1' | 'mixerUp' | 'mixerUpScale' | 'mixerFractionBits' | 'taps' | 'mixerDown' | 'mixerDownScale'
>;

function quantiseMixer(mixer: {
  normWeights: Float32Array;
  up: TernarisedWeights;
  taps: Float32Array;
  kernel: number;
  down: TernarisedWeights;
}): MixerPart {
  const d = mixer.normWeights.length;
  const norm = foldNorm(mixer.normWeights);
  const fractionBits = gateFractionBits(largestProjection(mixer.up, mixer.normWeights));
  const { taps, scale: tapScale } = quantiseTaps(mixer.taps, mixer.kernel);
  // The product of convolution (tapScale * 2^fractionBits) and sigmoid (2^15) loses 16 bits to fraction_multiply.
  const productUnit = 2 / (tapScale * 2 ** fractionBits);
  const mixerUp = matrixOf(mixer.up, d);
  const mixerDown = matrixOf(mixer.down, d);
  return {
    norm1: norm.weights,
    mixerUp,
    mixerUpScale: scaleOf(mixer.up, mixerUp, unitOf(norm), fractionBits),
    mixerFractionBits: fractionBits,
    taps,
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
