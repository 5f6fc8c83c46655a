import { FlashlmError } from '../errors.js';
import { clamp, fractionMultiply, rescale, roundShift, scaleShift } from './arithmetic.js';
import { checksumOf } from './checksum.js';
import { multiply } from './dense-product.js';
import { GATE_LIMIT, LOGIT_LIMIT, RESIDUAL_LIMIT } from './limits.js';
import type { FixedPointScale, IntegerBlock, IntegerModel } from './model.js';
import { normalise } from './norm.js';
import type { ProbeName, ProbePoint } from './probe-point.js';

import { quantiseActivations } from './quantiser.js';
import { sigmoid } from './tables.js';
import { TernaryProduct } from './ternary-product.js';

/** The newest values of one block's mixer: what its convolution sees. */
interface ValueHistory {
  /** [K x d], a ring of rows */
  rows: Int16Array;
  /** Row of the newest values. */
  newest: number;
}

/** The matrices of one block, ready for products. */
interface BlockProducts {
  mixerUp: TernaryProduct;
  mixerDown: TernaryProduct;
  ffnIn: TernaryProduct;
  ffnDown: TernaryProduct;
}

/**
 * The model of docs/arithmetic.md, one token at a time. This is the reference that every other implementation is
 * compared with, so it follows the page's order and names.
 */
export class IntegerSession {
  /** Called with every intermediate vector of each step; costs time only while it is set. */
  probe?: (point: ProbePoint) => void;

  private readonly histories: ValueHistory[];
  private readonly products: BlockProducts[];
  private readonly residual: Int32Array;
  private readonly normalised: Int32Array;
  private readonly activations: Int16Array;
  private readonly mixerSums: Int32Array;
  private readonly gates: Int32Array;
  private readonly convolved: Int32Array;
  private readonly mixerProduct: Int32Array;
  private readonly downSums: Int32Array;
  private readonly ffnSums: Int32Array;
  private readonly ffnProduct: Int32Array;
  private readonly ffnActivations: Int16Array;
  private readonly logits: Int32Array;
  private point = 0;

  constructor(private readonly model: IntegerModel) {
    const { vocabulary, dimension: d, hidden, kernel } = model.config;
    this.histories = model.blocks.map(() => ({ rows: new Int16Array(kernel * d), newest: 0 }));
    this.products = model.blocks.map((block) => ({
      mixerUp: new TernaryProduct(block.mixerUp),
      mixerDown: new TernaryProduct(block.mixerDown),
      ffnIn: new TernaryProduct(block.ffnIn),
      ffnDown: new TernaryProduct(block.ffnDown),
    }));
    this.residual = new Int32Array(d);
    this.normalised = new Int32Array(d);
    this.activations = new Int16Array(d);
    this.mixerSums = new Int32Array(2 * d);
    this.gates = new Int32Array(2 * d);
    this.convolved = new Int32Array(d);
    this.mixerProduct = new Int32Array(d);
    this.downSums = new Int32Array(d);
    this.ffnSums = new Int32Array(2 * hidden);
    this.ffnProduct = new Int32Array(hidden);
    this.ffnActivations = new Int16Array(hidden);
    this.logits = new Int32Array(vocabulary);
  }

  /** Forgets every token. */
  reset(): void {
    for (const history of this.histories) {
      history.rows.fill(0);
      history.newest = 0;
    }
  }

  /**
   * Feeds one token.
   *
   * @returns the logits of the next token [V], 16 fraction bits; the next step overwrites them
   * @throws FlashlmError `bad-argument` for a token outside the vocabulary
   */
  step(token: number): Int32Array {
    const { vocabulary } = this.model.config;
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw new FlashlmError(
        'bad-argument',
        `Token ${token} is not in the model's vocabulary.`,
        `Use tokens 0 to ${vocabulary - 1}.`,
      );
    }
    this.point = 0;
    this.embed(token);
    for (const [index, block] of this.model.blocks.entries()) {
      this.mix(block, index);
      this.feedForward(block, index);
    }
    this.predict();
    return this.logits;
  }

  private embed(token: number): void {
    const { residual, model } = this;
    const start = token * model.config.dimension;
    for (let i = 0; i < residual.length; i++) {
      const product = model.embedding[start + i] * model.embeddingMultiplier[token];
      residual[i] = scaleShift(product, model.embeddingShift, RESIDUAL_LIMIT);
    }
    this.report('embedding', -1, residual);
  }

  private mix(block: IntegerBlock, index: number): void {
    const history = this.histories[index];
    const products = this.products[index];
    const { activations, mixerSums, gates, convolved, mixerProduct, downSums } = this;
    const d = this.residual.length;

    const inputExponent = this.normaliseAndQuantise(block.norm1);
    this.report('norm1', index, activations);
    products.mixerUp.multiply(activations, mixerSums);
    this.report('mixer_up', index, mixerSums);
    for (let i = 0; i < 2 * d; i++) {
      gates[i] = rescale(mixerSums[i], block.mixerUpScale, inputExponent, GATE_LIMIT);
    }
    this.report('mixer_gates', index, gates);

    remember(history, gates.subarray(d));
    convolve(block.taps, history, convolved);
    this.report('convolution', index, convolved);
    for (let i = 0; i < d; i++) {
      mixerProduct[i] = fractionMultiply(convolved[i], sigmoid(gates[i], block.mixerFractionBits));
    }
    const productExponent = quantiseActivations(mixerProduct, activations);
    this.report('mixer_product', index, activations);

    products.mixerDown.multiply(activations, downSums);
    this.report('mixer_down', index, downSums);
    this.addToResidual(block.mixerDownScale, productExponent);
    this.report('mixer_residual', index, this.residual);
  }

  private feedForward(block: IntegerBlock, index: number): void {
    const products = this.products[index];
    const { activations, ffnSums, ffnProduct, ffnActivations, downSums } = this;
    const hidden = ffnProduct.length;

    const inputExponent = this.normaliseAndQuantise(block.norm2);
    this.report('norm2', index, activations);
    products.ffnIn.multiply(activations, ffnSums);
    this.report('ffn_in', index, ffnSums);
    for (let i = 0; i < hidden; i++) {
      const gate = rescale(ffnSums[i], block.ffnGateScale, inputExponent, GATE_LIMIT);
      const up = rescale(ffnSums[hidden + i], block.ffnUpScale, inputExponent, GATE_LIMIT);
      const silu = roundShift(gate * sigmoid(gate, block.gateFractionBits), 15);
      ffnProduct[i] = silu * up;
    }
    const productExponent = quantiseActivations(ffnProduct, ffnActivations);
    this.report('ffn_product', index, ffnActivations);

    products.ffnDown.multiply(ffnActivations, downSums);
    this.report('ffn_down', index, downSums);
    this.addToResidual(block.ffnDownScale, productExponent);
    this.report('ffn_residual', index, this.residual);
  }

  private predict(): void {
    const { model, activations, logits } = this;
    const exponent = this.normaliseAndQuantise(model.finalNorm);
    this.report('final_norm', -1, activations);
    multiply(model.embedding, activations, logits);
    const headScale = { leftShift: model.headLeftShift, multiplier: 0, rightShift: model.headRightShift };
    for (let token = 0; token < logits.length; token++) {
      headScale.multiplier = model.embeddingMultiplier[token];
      logits[token] = rescale(logits[token], headScale, exponent, LOGIT_LIMIT);
    }
  }

  /** @returns the exponent of the activations */
  private normaliseAndQuantise(weights: Int16Array): number {
    normalise(this.residual, weights, this.model, this.normalised);
    return quantiseActivations(this.normalised, this.activations);
  }

  private addToResidual(scale: FixedPointScale, exponent: number): void {
    const { residual, downSums } = this;
    for (let i = 0; i < residual.length; i++) {
      const change = rescale(downSums[i], scale, exponent, RESIDUAL_LIMIT);
      residual[i] = clamp(residual[i] + change, RESIDUAL_LIMIT);
    }
  }

  private report(name: ProbeName, block: number, vector: Int32Array | Int16Array): void {
    if (this.probe !== undefined) {
      const values = Int32Array.from(vector);
      this.probe({
        point: this.point++,
        name,
        block,
        count: values.length,
        checksum: checksumOf(values),
        values,
      });
    }
  }
}

/** Replaces the oldest values of the ring by new ones. */
function remember(history: ValueHistory, values: Int32Array): void {
  const rowCount = history.rows.length / values.length;
  history.newest = (history.newest + 1) % rowCount;
  history.rows.set(values, history.newest * values.length);
}

/** The causal depthwise convolution: the last row of taps meets the newest values. */
function convolve(taps: Int16Array, history: ValueHistory, convolved: Int32Array): void {
  const d = convolved.length;
  const kernel = taps.length / d;
  convolved.fill(0);
  for (let tap = 0; tap < kernel; tap++) {
    const age = kernel - 1 - tap;
    const row = ((history.newest - age + kernel) % kernel) * d;
    for (let i = 0; i < d; i++) {
      convolved[i] += taps[tap * d + i] * history.rows[row + i];
    }
  }
}
