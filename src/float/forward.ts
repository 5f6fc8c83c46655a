import { FlashlmError } from '../errors.js';
import { multiply } from './dense-product.js';
import type { FloatModel } from './model.js';
import { checkParameters, parameterOf } from './parameter.js';
import { ternarise } from './ternarise.js';
import { TernaryProduct } from './ternary-product.js';

const NORM_EPSILON = 1e-6;

interface FloatBlock {
  norm1: Float32Array;
  mixerUp: TernaryProduct;
  /** [d x K], as FlashLM stores them; the last tap meets the newest token */
  taps: Float32Array;
  mixerDown: TernaryProduct;
  norm2: Float32Array;
  ffnGate: TernaryProduct;
  ffnUp: TernaryProduct;
  ffnDown: TernaryProduct;
  /** Values of the newest K tokens [K x d], a ring of rows. */
  history: Float64Array;
}

/**
 * FlashLM v4 as docs/arithmetic.md defines the float model, one token at a time, in double precision on the
 * float32 parameters. What the integer arithmetic is an approximation of.
 */
export class FloatSession {
  private readonly embedding: Float32Array;
  private readonly finalNorm: Float32Array;
  private readonly blocks: FloatBlock[];
  private readonly dimension: number;
  private readonly kernel: number;
  private readonly vocabulary: number;
  private steps = 0;

  private readonly residual: Float64Array;
  private readonly normalised: Float64Array;
  private readonly mixerUp: Float64Array;
  private readonly mixerProduct: Float64Array;
  private readonly ffnGate: Float64Array;
  private readonly ffnUp: Float64Array;
  private readonly change: Float64Array;
  private readonly logits: Float64Array;

  /** @throws FlashlmError `bad-checkpoint` for a parameter that is missing, of a wrong size or not finite */
  constructor(model: FloatModel) {
    checkParameters(model);
    const { vocabulary, dimension: d, hidden, kernel, blocks } = model.config;
    this.dimension = d;
    this.kernel = kernel;
    this.vocabulary = vocabulary;
    this.embedding = parameterOf(model, 'embedding.weight');
    this.finalNorm = parameterOf(model, 'final_norm.scale');
    this.blocks = Array.from({ length: blocks }, (_, block) => loadBlock(model, `blocks.${block}.`));
    this.residual = new Float64Array(d);
    this.normalised = new Float64Array(d);
    this.mixerUp = new Float64Array(2 * d);
    this.mixerProduct = new Float64Array(d);
    this.ffnGate = new Float64Array(hidden);
    this.ffnUp = new Float64Array(hidden);
    this.change = new Float64Array(d);
    this.logits = new Float64Array(vocabulary);
  }

  /** Forgets every token. */
  reset(): void {
    this.steps = 0;
    for (const block of this.blocks) {
      block.history.fill(0);
    }
  }

  /**
   * Feeds one token.
   *
   * @returns the logits of the next token [V], natural logarithm units; the next step overwrites them
   * @throws FlashlmError `bad-argument` for a token outside the vocabulary
   */
  step(token: number): Float64Array {
    if (!Number.isInteger(token) || token < 0 || token >= this.vocabulary) {
      throw new FlashlmError(
        'bad-argument',
        `Token ${token} is not in the model's vocabulary.`,
        `Use tokens 0 to ${this.vocabulary - 1}.`,
      );
    }
    this.residual.set(this.embedding.subarray(token * this.dimension, (token + 1) * this.dimension));
    for (const block of this.blocks) {
      this.mix(block);
      this.feedForward(block);
    }
    this.steps++;
    normalise(this.residual, this.finalNorm, this.normalised);
    multiply(this.embedding, this.normalised, this.logits);
    return this.logits;
  }

  /** residual += down(convolution(value) * sigmoid(gate)) */
  private mix(block: FloatBlock): void {
    const { dimension: d, kernel, mixerUp, mixerProduct } = this;
    normalise(this.residual, block.norm1, this.normalised);
    block.mixerUp.multiply(this.normalised, mixerUp);
    const newest = this.steps % kernel;
    block.history.set(mixerUp.subarray(d), newest * d);
    for (let i = 0; i < d; i++) {
      let convolved = 0;
      for (let tap = 0; tap < kernel; tap++) {
        const row = (newest + 1 + tap) % kernel;
        convolved += block.taps[i * kernel + tap] * block.history[row * d + i];
      }
      mixerProduct[i] = convolved * sigmoid(mixerUp[i]);
    }
    this.addToResidual(block.mixerDown, mixerProduct);
  }

  /** residual += down(silu(gate) * up) */
  private feedForward(block: FloatBlock): void {
    const { ffnGate, ffnUp } = this;
    normalise(this.residual, block.norm2, this.normalised);
    block.ffnGate.multiply(this.normalised, ffnGate);
    block.ffnUp.multiply(this.normalised, ffnUp);
    for (let i = 0; i < ffnGate.length; i++) {
      ffnGate[i] *= sigmoid(ffnGate[i]) * ffnUp[i];
    }
    this.addToResidual(block.ffnDown, ffnGate);
  }

  private addToResidual(product: TernaryProduct, vector: Float64Array): void {
    product.multiply(vector, this.change);
    for (let i = 0; i < this.residual.length; i++) {
      this.residual[i] += this.change[i];
    }
  }
}

function loadBlock(model: FloatModel, prefix: string): FloatBlock {
  const { dimension, hidden, kernel } = model.config;
  const product = (name: string, columns: number) => {
    const { weights, scale } = ternarise(parameterOf(model, prefix + name));
    return new TernaryProduct({ rows: weights.length / columns, columns, weights }, scale);
  };
  return {
    norm1: parameterOf(model, `${prefix}norm1.scale`),
    mixerUp: product('mixer.up.weight', dimension),
    taps: parameterOf(model, `${prefix}mixer.conv.weight`),
    mixerDown: product('mixer.down.weight', dimension),
    norm2: parameterOf(model, `${prefix}norm2.scale`),
    ffnGate: product('ffn.W_gate.weight', dimension),
    ffnUp: product('ffn.W_up.weight', dimension),
    ffnDown: product('ffn.W_down.weight', hidden),
    history: new Float64Array(kernel * dimension),
  };
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

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
