import { FlashlmError } from '../errors.js';
import { memorySlots, mixerRows } from '../model/config.js';
import { KernelMemory } from '../products/kernel-memory.js';
import { VECTORS_AT_ONCE } from '../products/kernel-product.js';
import { TernaryFloatProduct } from '../products/ternary-float-product.js';
import { Head } from './head.js';
import { BlockMemory } from './memory.js';
import type { FloatModel } from './model.js';
import { checkParameters, parameterOf } from './parameter.js';
import { sigmoid } from './sigmoid.js';
import { ternarise } from './ternarise.js';

const NORM_EPSILON = 1e-6;

interface FloatBlock {
  norm1: Float32Array;
  mixerUp: TernaryFloatProduct;
  /** [d x K], as FlashLM stores them; the last tap meets the newest token */
  taps: Float32Array;
  /** null for a model without one */
  memory: BlockMemory | null;
  mixerDown: TernaryFloatProduct;
  norm2: Float32Array;
  ffnGate: TernaryFloatProduct;
  ffnUp: TernaryFloatProduct;
  ffnDown: TernaryFloatProduct;
  /** Values of the newest K tokens [K x d], a ring of rows. */
  history: Float64Array;
}

/** The vectors of one token on its way through the model. */
class TokenVectors {
  /** [d] */
  readonly residual: Float64Array;
  readonly normalised: Float64Array;
  readonly mixerProduct: Float64Array;
  readonly change: Float64Array;
  /** [2d + 2m]: gates, values, reads, writes */
  readonly mixerUp: Float64Array;
  /** [h] */
  readonly ffnGate: Float64Array;
  readonly ffnUp: Float64Array;
  /** [V] */
  readonly logits: Float64Array;

  constructor(config: FloatModel['config']) {
    const { vocabulary, dimension: d, hidden } = config;
    this.residual = new Float64Array(d);
    this.normalised = new Float64Array(d);
    this.mixerProduct = new Float64Array(d);
    this.change = new Float64Array(d);
    this.mixerUp = new Float64Array(mixerRows(config));
    this.ffnGate = new Float64Array(hidden);
    this.ffnUp = new Float64Array(hidden);
    this.logits = new Float64Array(vocabulary);
  }
}

/**
 * FlashLM v4 and its extensions as docs/arithmetic.md defines the float model, in double precision on the float32
 * parameters (the ternary products to 44 bits). What the integer arithmetic is an approximation of. Up to four known
 * tokens go through each layer together, because reading the weights once for four is several times faster.
 */
export class FloatSession {
  /** Most tokens of one call of `steps`. */
  static readonly TOKENS_AT_ONCE = VECTORS_AT_ONCE;

  private readonly embedding: Float32Array;
  private readonly head: Head;
  private readonly finalNorm: Float32Array;
  private readonly blocks: FloatBlock[];
  private readonly dimension: number;
  private readonly kernel: number;
  /** Of a block's memory; 0 without one. */
  private readonly slots: number;
  private readonly vocabulary: number;
  private readonly vectors: TokenVectors[];
  private fed = 0;

  /**
   * @throws FlashlmError `bad-checkpoint` for a parameter that is missing, of a wrong size or not finite, and for
   *   clusters that are not those of the vocabulary
   */
  constructor(model: FloatModel) {
    checkParameters(model);
    const { vocabulary, dimension: d, kernel, blocks } = model.config;
    this.dimension = d;
    this.kernel = kernel;
    this.slots = memorySlots(model.config);
    this.vocabulary = vocabulary;
    this.embedding = parameterOf(model, 'embedding.weight');
    this.finalNorm = parameterOf(model, 'final_norm.scale');
    const memory = new KernelMemory();
    this.head = new Head(memory, model);
    this.blocks = Array.from({ length: blocks }, (_, block) => loadBlock(memory, model, `blocks.${block}.`));
    this.vectors = Array.from({ length: VECTORS_AT_ONCE }, () => new TokenVectors(model.config));
  }

  /** Forgets every token. */
  reset(): void {
    this.fed = 0;
    for (const block of this.blocks) {
      block.history.fill(0);
      block.memory?.reset();
    }
  }

  /**
   * Feeds one token.
   *
   * @returns the logits of the next token [V], natural logarithm units, whose softmax is the model's also where that
   *   has two levels; the next step overwrites them
   * @throws FlashlmError `bad-argument` for a token outside the vocabulary
   */
  step(token: number): Float64Array {
    return this.steps([token])[0];
  }

  /**
   * Feeds tokens that are known beforehand, one to four.
   *
   * @returns of each token the logits of the next one, as `step` does; the next step overwrites them
   * @throws FlashlmError `bad-argument` for a token outside the vocabulary, before any is fed
   */
  steps(tokens: ArrayLike<number>): Float64Array[] {
    const fed = Array.from(tokens);
    for (const token of fed) this.requireToken(token);
    const vectors = this.vectors.slice(0, fed.length);
    for (const [i, token] of fed.entries()) {
      const start = token * this.dimension;
      vectors[i].residual.set(this.embedding.subarray(start, start + this.dimension));
    }
    for (const block of this.blocks) {
      this.mix(block, vectors);
      this.feedForward(block, vectors);
    }
    this.fed += fed.length;
    normaliseAll(vectors, this.finalNorm);
    this.head.predict(
      vectors.map(({ normalised }) => normalised),
      vectors.map(({ logits }) => logits),
    );
    return vectors.map(({ logits }) => logits);
  }

  private requireToken(token: number): void {
    if (!Number.isInteger(token) || token < 0 || token >= this.vocabulary) {
      throw new FlashlmError(
        'bad-argument',
        `Token ${token} is not in the model's vocabulary.`,
        `Use tokens 0 to ${this.vocabulary - 1}.`,
      );
    }
  }

  /** residual += down((convolution(value), with what the memory holds) * sigmoid(gate)) */
  private mix(block: FloatBlock, vectors: TokenVectors[]): void {
    normaliseAll(vectors, block.norm1);
    block.mixerUp.multiply(
      vectors.map(({ normalised }) => normalised),
      vectors.map(({ mixerUp }) => mixerUp),
    );
    for (const [i, token] of vectors.entries()) this.gateConvolution(block, token, this.fed + i);
    addProduct(
      block.mixerDown,
      vectors.map(({ mixerProduct }) => mixerProduct),
      vectors,
    );
  }

  /** @param step number of the token, from 0; tokens come in their order */
  private gateConvolution(block: FloatBlock, { mixerUp, mixerProduct }: TokenVectors, step: number): void {
    const { dimension: d, kernel, slots } = this;
    const newest = step % kernel;
    block.history.set(mixerUp.subarray(d, 2 * d), newest * d);
    for (let i = 0; i < d; i++) {
      let convolved = 0;
      for (let tap = 0; tap < kernel; tap++) {
        const row = (newest + 1 + tap) % kernel;
        convolved += block.taps[i * kernel + tap] * block.history[row * d + i];
      }
      mixerProduct[i] = convolved;
    }
    block.memory?.mix(mixerProduct, mixerUp.subarray(2 * d, 2 * d + slots), mixerUp.subarray(2 * d + slots));
    for (let i = 0; i < d; i++) mixerProduct[i] *= sigmoid(mixerUp[i]);
  }

  /** residual += down(silu(gate) * up) */
  private feedForward(block: FloatBlock, vectors: TokenVectors[]): void {
    normaliseAll(vectors, block.norm2);
    const inputs = vectors.map(({ normalised }) => normalised);
    const gates = vectors.map(({ ffnGate }) => ffnGate);
    block.ffnGate.multiply(inputs, gates);
    block.ffnUp.multiply(
      inputs,
      vectors.map(({ ffnUp }) => ffnUp),
    );
    for (const { ffnGate, ffnUp } of vectors) {
      for (let i = 0; i < ffnGate.length; i++) {
        ffnGate[i] *= sigmoid(ffnGate[i]) * ffnUp[i];
      }
    }
    addProduct(block.ffnDown, gates, vectors);
  }
}

/** residual += matrix * input, of each token */
function addProduct(product: TernaryFloatProduct, inputs: Float64Array[], vectors: TokenVectors[]): void {
  product.multiply(
    inputs,
    vectors.map(({ change }) => change),
  );
  for (const { residual, change } of vectors) {
    for (let i = 0; i < residual.length; i++) {
      residual[i] += change[i];
    }
  }
}

function loadBlock(kernels: KernelMemory, model: FloatModel, prefix: string): FloatBlock {
  const { dimension, hidden, kernel, memory } = model.config;
  const product = (name: string, columns: number) => {
    const { weights, scale } = ternarise(parameterOf(model, prefix + name));
    return new TernaryFloatProduct(kernels, { rows: weights.length / columns, columns, weights }, scale);
  };
  return {
    norm1: parameterOf(model, `${prefix}norm1.scale`),
    mixerUp: product('mixer.up.weight', dimension),
    taps: parameterOf(model, `${prefix}mixer.conv.weight`),
    memory:
      memory === undefined
        ? null
        : new BlockMemory(dimension, memory, parameterOf(model, `${prefix}mixer.write_bias`)),
    mixerDown: product('mixer.down.weight', dimension),
    norm2: parameterOf(model, `${prefix}norm2.scale`),
    ffnGate: product('ffn.W_gate.weight', dimension),
    ffnUp: product('ffn.W_up.weight', dimension),
    ffnDown: product('ffn.W_down.weight', hidden),
    history: new Float64Array(kernel * dimension),
  };
}

function normaliseAll(vectors: TokenVectors[], weights: Float32Array): void {
  for (const { residual, normalised } of vectors) normalise(residual, weights, normalised);
}

/** x / sqrt(mean(x^2) + 1e-6) * weight */
function normalise(x: Float64Array, weights: Float32Array, normalised: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i] * x[i];
  }
  const inverse = 1 / Math.sqrt(sum / x.length + NORM_EPSILON);
  for (let i = 0; i < x.length; i++) {
    normalised[i] = x[i] * inverse * weights[i];
  }
}
