import { type ClusterOrder, clusterOrder } from '../model/cluster-order.js';
import type { KernelMemory } from '../products/kernel-memory.js';
import { type IntegerProduct, integerProduct } from '../products/products.js';
import { clamp, rescale } from './arithmetic.js';
import { CLUSTERED_LOGIT_LIMIT, LOGIT_LIMIT } from './limits.js';
import type { IntegerClusters, IntegerModel } from './model.js';
import { expOf, logOfWeights } from './tables.js';
import type { TokenVectors } from './token-vectors.js';

/** One level of the head: rows of int8 weights with a multiplier each. */
interface HeadRows {
  multiplier: Uint16Array;
  headLeftShift: number;
  headRightShift: number;
}

/** From the activations of the final norm to logits: docs/arithmetic.md, "head". */
export class Head {
  private readonly tokens: IntegerProduct;
  private readonly tokenRows: HeadRows;
  private readonly clusters: ClusterLevel | null;

  constructor(memory: KernelMemory, model: IntegerModel) {
    const { vocabulary, dimension: columns } = model.config;
    this.tokens = integerProduct(memory, { rows: vocabulary, columns, weights: model.embedding });
    this.tokenRows = { ...model, multiplier: model.embeddingMultiplier };
    this.clusters = model.clusters && new ClusterLevel(memory, columns, model.clusters);
  }

  /** Leaves the logits of each token, in order of id. */
  predict(vectors: TokenVectors[]): void {
    const activations = vectors.map((token) => token.activations);
    this.tokens.multiply(
      activations,
      vectors.map(({ logits }) => logits),
    );
    this.clusters?.multiply(
      activations,
      vectors.map(({ clusterLogits }) => clusterLogits),
    );
    const limit = this.clusters === null ? LOGIT_LIMIT : CLUSTERED_LOGIT_LIMIT;
    for (const token of vectors) {
      rescaleRows(token.logits, this.tokenRows, token.exponent, limit);
      this.clusters?.join(token);
    }
  }
}

/** The first level of a two-level softmax. */
class ClusterLevel {
  private readonly product: IntegerProduct;
  private readonly order: ClusterOrder;

  constructor(
    memory: KernelMemory,
    columns: number,
    private readonly clusters: IntegerClusters,
  ) {
    const rows = clusters.multiplier.length;
    this.product = integerProduct(memory, { rows, columns, weights: clusters.weights });
    this.order = clusterOrder(clusters.clusterOfToken, rows);
  }

  multiply(activations: Int16Array[], clusterLogits: Int32Array[]): void {
    this.product.multiply(activations, clusterLogits);
  }

  /** Turns the logits of tokens within their clusters (b) into joint ones: a + b - lse. */
  join({ logits, clusterLogits, exponent }: TokenVectors): void {
    const { start, tokens } = this.order;
    rescaleRows(clusterLogits, this.clusters, exponent, CLUSTERED_LOGIT_LIMIT);
    for (let cluster = 0; cluster < clusterLogits.length; cluster++) {
      const [first, end] = [start[cluster], start[cluster + 1]];
      const normaliser = logSumExp(logits, tokens, first, end);
      for (let place = first; place < end; place++) {
        const logit = clusterLogits[cluster] + (logits[tokens[place]] - normaliser);
        logits[tokens[place]] = clamp(logit, LOGIT_LIMIT);
      }
    }
  }
}

/** Of the logits of tokens[first..end]; 16 fraction bits, as they have. */
function logSumExp(logits: Int32Array, tokens: Uint16Array, first: number, end: number): number {
  let top = logits[tokens[first]];
  for (let place = first + 1; place < end; place++) top = Math.max(top, logits[tokens[place]]);
  let sum = 0;
  for (let place = first; place < end; place++) sum += expOf((top - logits[tokens[place]]) >> 4);
  return top + logOfWeights(sum);
}

/** Accumulators become logits. */
function rescaleRows(logits: Int32Array, rows: HeadRows, exponent: number, limit: number): void {
  const scale = { leftShift: rows.headLeftShift, multiplier: 0, rightShift: rows.headRightShift };
  for (let row = 0; row < logits.length; row++) {
    scale.multiplier = rows.multiplier[row];
    logits[row] = rescale(logits[row], scale, exponent, limit);
  }
}
