import type { IntegerModel } from './model.js';

/** The vectors of one token on its way through the model. */
export class TokenVectors {
  /** [d] */
  readonly residual: Int32Array;
  readonly normalised: Int32Array;
  readonly activations: Int16Array;
  readonly convolved: Int32Array;
  readonly mixerProduct: Int32Array;
  readonly downSums: Int32Array;
  /** [2d] */
  readonly mixerSums: Int32Array;
  readonly gates: Int32Array;
  /** [2h] */
  readonly ffnSums: Int32Array;
  /** [h] */
  readonly ffnProduct: Int32Array;
  readonly ffnActivations: Int16Array;
  /** [V] */
  readonly logits: Int32Array;
  /** Shared exponent of the activations, or of those of the feed-forward. */
  exponent = 0;

  constructor({ vocabulary, dimension: d, hidden }: IntegerModel['config']) {
    this.residual = new Int32Array(d);
    this.normalised = new Int32Array(d);
    this.activations = new Int16Array(d);
    this.convolved = new Int32Array(d);
    this.mixerProduct = new Int32Array(d);
    this.downSums = new Int32Array(d);
    this.mixerSums = new Int32Array(2 * d);
    this.gates = new Int32Array(2 * d);
    this.ffnSums = new Int32Array(2 * hidden);
    this.ffnProduct = new Int32Array(hidden);
    this.ffnActivations = new Int16Array(hidden);
    this.logits = new Int32Array(vocabulary);
  }
}
