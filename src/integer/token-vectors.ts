import { mixerRows } from '../model/config.js';
import type { IntegerModel } from './model.js';

/** The vectors of one token on its way through the model. */
export class TokenVectors {
  /** [d] */
  readonly residual: Int32Array;
  readonly normalised: Int32Array;
  readonly activations: Int16Array;
  readonly convolved: Int32Array;
  /** What the gates multiply: the convolved values, or what a memory makes of them. */
  readonly mixed: Int32Array;
  readonly mixerProduct: Int32Array;
  readonly downSums: Int32Array;
  /** [2d + 2m]: gates, values, reads, writes */
  readonly mixerSums: Int32Array;
  readonly gates: Int32Array;
  /** [2h] */
  readonly ffnSums: Int32Array;
  /** [h] */
  readonly ffnProduct: Int32Array;
  readonly ffnActivations: Int16Array;
  /** [V] */
  readonly logits: Int32Array;
  /** [C], of a two-level softmax */
  readonly clusterLogits: Int32Array;
  /** Shared exponent of the activations, or of those of the feed-forward. */
  exponent = 0;

  constructor(config: IntegerModel['config']) {
    const { vocabulary, dimension: d, hidden, memory, clusters = 0 } = config;
    this.residual = new Int32Array(d);
    this.normalised = new Int32Array(d);
    this.activations = new Int16Array(d);
    this.convolved = new Int32Array(d);
    this.mixed = memory === undefined ? this.convolved : new Int32Array(d);
    this.mixerProduct = new Int32Array(d);
    this.downSums = new Int32Array(d);
    this.mixerSums = new Int32Array(mixerRows(config));
    this.gates = new Int32Array(mixerRows(config));
    this.ffnSums = new Int32Array(2 * hidden);
    this.ffnProduct = new Int32Array(hidden);
    this.ffnActivations = new Int16Array(hidden);
    this.logits = new Int32Array(vocabulary);
    this.clusterLogits = new Int32Array(clusters);
  }
}
