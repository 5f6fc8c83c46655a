import { FlashlmError } from '../errors.js';
import { memorySlots } from '../model/config.js';
import { KernelMemory } from '../products/kernel-memory.js';
import { VECTORS_AT_ONCE } from '../products/kernel-product.js';
import { type IntegerProduct, integerProduct } from '../products/products.js';
import { clamp, fractionMultiply, rescale, roundShift, scaleShift } from './arithmetic.js';
import { checksumOf } from './checksum.js';
import { Head } from './head.js';
import { GATE_LIMIT, RESIDUAL_LIMIT } from './limits.js';
import { BlockMemory } from './memory.js';
import type { FixedPointScale, IntegerBlock, IntegerModel } from './model.js';
import { normalise } from './norm.js';
import type { ProbeName, ProbePoint } from './probe-point.js';
import { ACTIVATION_BITS, quantiseActivations } from './quantiser.js';
import { sigmoid } from './tables.js';
import { TokenVectors } from './token-vectors.js';

/** The newest values of one block's mixer: what its convolution sees. */
interface ValueHistory {
  /** [K x d], a ring of rows */
  rows: Int16Array;
  /** Row of the newest values. */
  newest: number;
}

/** The matrices of one block, ready for products. */
interface BlockProducts {
  mixerUp: IntegerProduct;
  mixerDown: IntegerProduct;
  ffnIn: IntegerProduct;
  ffnDown: IntegerProduct;
}

/**
 * The model of docs/arithmetic.md. This is the reference that every other implementation is compared with, so it
 * follows the page's order and names. Up to four known tokens go through each layer together, because reading the
 * weights once for four is several times faster; what is computed for each is the same.
 */
export class IntegerSession {
  /** Most tokens of one call of `steps`. */
  static readonly TOKENS_AT_ONCE = VECTORS_AT_ONCE;

  /** Called with every intermediate vector of each `step`; costs time only while it is set. */
  probe?: (point: ProbePoint) => void;

  private readonly histories: ValueHistory[];
  private readonly products: BlockProducts[];
  /** One of each block; none where the model has no memory. */
  private readonly memories: BlockMemory[];
  private readonly head: Head;
  private readonly vectors: TokenVectors[];
  private point = 0;

  /** @param activationBits fewer than the chip's 13 tell what they would cost (`eval --activation-bits`) */
  constructor(
    private readonly model: IntegerModel,
    private readonly activationBits: number = ACTIVATION_BITS,
  ) {
    const { dimension: d, kernel, memory: memoryShape } = model.config;
    this.histories = model.blocks.map(() => ({ rows: new Int16Array(kernel * d), newest: 0 }));
    const memory = new KernelMemory();
    this.products = model.blocks.map((block) => ({
      mixerUp: integerProduct(memory, block.mixerUp),
      mixerDown: integerProduct(memory, block.mixerDown),
      ffnIn: integerProduct(memory, block.ffnIn),
      ffnDown: integerProduct(memory, block.ffnDown),
    }));
    this.memories = memoryShape === undefined ? [] : model.blocks.map(() => new BlockMemory(d, memoryShape));
    this.head = new Head(memory, model);
    this.vectors = Array.from({ length: VECTORS_AT_ONCE }, () => new TokenVectors(model.config));
  }

  /** Forgets every token. */
  reset(): void {
    for (const history of this.histories) {
      history.rows.fill(0);
      history.newest = 0;
    }
    for (const memory of this.memories) memory.reset();
  }

  /**
   * Feeds one token.
   *
   * @returns the logits of the next token [V], 16 fraction bits; the next step overwrites them
   * @throws FlashlmError `bad-argument` for a token outside the vocabulary
   */
  step(token: number): Int32Array {
    return this.steps([token])[0];
  }

  /**
   * Feeds tokens that are known beforehand, one to four.
   *
   * @returns of each token the logits of the next one, as `step` does; the next step overwrites them
   * @throws FlashlmError `bad-argument` for a token outside the vocabulary, before any is fed
   */
  steps(tokens: ArrayLike<number>): Int32Array[] {
    const fed = Array.from(tokens);
    for (const token of fed) this.requireToken(token);
    const vectors = this.vectors.slice(0, fed.length);
    this.point = 0;
    for (const [i, token] of fed.entries()) this.embed(token, vectors[i].residual);
    for (const [index, block] of this.model.blocks.entries()) {
      this.mix(block, index, vectors);
      this.feedForward(block, index, vectors);
    }
    this.predict(vectors);
    return vectors.map(({ logits }) => logits);
  }

  private requireToken(token: number): void {
    const { vocabulary } = this.model.config;
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw new FlashlmError(
        'bad-argument',
        `Token ${token} is not in the model's vocabulary.`,
        `Use tokens 0 to ${vocabulary - 1}.`,
      );
    }
  }

  private embed(token: number, residual: Int32Array): void {
    const { model } = this;
    const start = token * model.config.dimension;
    for (let i = 0; i < residual.length; i++) {
      const product = model.embedding[start + i] * model.embeddingMultiplier[token];
      residual[i] = scaleShift(product, model.embeddingShift, RESIDUAL_LIMIT);
    }
    this.report('embedding', -1, residual);
  }

  private mix(block: IntegerBlock, index: number, vectors: TokenVectors[]): void {
    const products = this.products[index];
    for (const token of vectors) {
      this.normaliseAndQuantise(block.norm1, token);
      this.report('norm1', index, token.activations);
    }
    products.mixerUp.multiply(
      vectors.map(({ activations }) => activations),
      vectors.map(({ mixerSums }) => mixerSums),
    );
    for (const token of vectors) this.gateConvolution(block, index, token);
    products.mixerDown.multiply(
      vectors.map(({ activations }) => activations),
      vectors.map(({ downSums }) => downSums),
    );
    for (const token of vectors) {
      this.report('mixer_down', index, token.downSums);
      addToResidual(block.mixerDownScale, token);
      this.report('mixer_residual', index, token.residual);
    }
  }

  /** From the sums of mixer_up to the activations that enter mixer_down; tokens come in their order. */
  private gateConvolution(block: IntegerBlock, index: number, token: TokenVectors): void {
    const history = this.histories[index];
    const { activations, mixerSums, gates, convolved, mixed, mixerProduct } = token;
    const d = mixerProduct.length;
    const slots = memorySlots(this.model.config);
    this.report('mixer_up', index, mixerSums);
    for (let i = 0; i < gates.length; i++) {
      gates[i] = rescale(mixerSums[i], block.mixerUpScale, token.exponent, GATE_LIMIT);
    }
    this.report('mixer_gates', index, gates);

    remember(history, gates.subarray(d, 2 * d));
    convolve(block.taps, history, convolved);
    this.report('convolution', index, convolved);
    if (slots > 0) {
      const reads = gates.subarray(2 * d, 2 * d + slots);
      this.memories[index].mix(block, convolved, reads, gates.subarray(2 * d + slots), mixed);
      this.report('memory', index, mixed);
    }
    for (let i = 0; i < d; i++) {
      mixerProduct[i] = fractionMultiply(mixed[i], sigmoid(gates[i], block.mixerFractionBits));
    }
    token.exponent = quantiseActivations(mixerProduct, activations, this.activationBits);
    this.report('mixer_product', index, activations);
  }

  private feedForward(block: IntegerBlock, index: number, vectors: TokenVectors[]): void {
    const products = this.products[index];
    for (const token of vectors) {
      this.normaliseAndQuantise(block.norm2, token);
      this.report('norm2', index, token.activations);
    }
    products.ffnIn.multiply(
      vectors.map(({ activations }) => activations),
      vectors.map(({ ffnSums }) => ffnSums),
    );
    for (const token of vectors) this.gateFeedForward(block, index, token);
    products.ffnDown.multiply(
      vectors.map(({ ffnActivations }) => ffnActivations),
      vectors.map(({ downSums }) => downSums),
    );
    for (const token of vectors) {
      this.report('ffn_down', index, token.downSums);
      addToResidual(block.ffnDownScale, token);
      this.report('ffn_residual', index, token.residual);
    }
  }

  /** From the sums of ffn_in to the activations that enter ffn_down. */
  private gateFeedForward(block: IntegerBlock, index: number, token: TokenVectors): void {
    const { ffnSums, ffnProduct, ffnActivations } = token;
    const hidden = ffnProduct.length;
    this.report('ffn_in', index, ffnSums);
    for (let i = 0; i < hidden; i++) {
      const gate = rescale(ffnSums[i], block.ffnGateScale, token.exponent, GATE_LIMIT);
      const up = rescale(ffnSums[hidden + i], block.ffnUpScale, token.exponent, GATE_LIMIT);
      const silu = roundShift(gate * sigmoid(gate, block.gateFractionBits), 15);
      ffnProduct[i] = silu * up;
    }
    token.exponent = quantiseActivations(ffnProduct, ffnActivations, this.activationBits);
    this.report('ffn_product', index, ffnActivations);
  }

  private predict(vectors: TokenVectors[]): void {
    const { model } = this;
    for (const token of vectors) {
      this.normaliseAndQuantise(model.finalNorm, token);
      this.report('final_norm', -1, token.activations);
    }
    this.head.predict(vectors);
  }

  /** Leaves the activations and their exponent. */
  private normaliseAndQuantise(weights: Int16Array, token: TokenVectors): void {
    normalise(token.residual, weights, this.model, token.normalised);
    token.exponent = quantiseActivations(token.normalised, token.activations, this.activationBits);
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

function addToResidual(scale: FixedPointScale, { residual, downSums, exponent }: TokenVectors): void {
  for (let i = 0; i < residual.length; i++) {
    const change = rescale(downSums[i], scale, exponent, RESIDUAL_LIMIT);
    residual[i] = clamp(residual[i] + change, RESIDUAL_LIMIT);
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
