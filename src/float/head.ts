import { type ClusterOrder, clusterOrder } from '../model/cluster-order.js';
import type { KernelMemory } from '../products/kernel-memory.js';
import { type FloatProduct, floatProduct } from '../products/products.js';
import { clustersOf, type FloatClusters } from './clusters.js';
import type { FloatModel } from './model.js';
import { parameterOf } from './parameter.js';

/** From the output of the final norm to logits: docs/arithmetic.md, `logits` and "clusters". */
export class Head {
  private readonly tokens: FloatProduct;
  private readonly clusters: ClusterLevel | null;

  /** @throws FlashlmError `bad-checkpoint` for clusters that are not those of the vocabulary */
  constructor(memory: KernelMemory, model: FloatModel) {
    const { vocabulary, dimension } = model.config;
    this.tokens = floatProduct(memory, vocabulary, dimension, parameterOf(model, 'embedding.weight'));
    const clusters = clustersOf(model);
    this.clusters = clusters && new ClusterLevel(memory, dimension, clusters);
  }

  /**
   * @param inputs one to four, each [d]
   * @param logits of each input, [V]: receives a logit for each token, whose softmax is the model's
   */
  predict(inputs: Float64Array[], logits: Float64Array[]): void {
    this.tokens.multiply(inputs, logits);
    this.clusters?.join(inputs, logits);
  }
}

/** The first level of a two-level softmax. */
class ClusterLevel {
  private readonly product: FloatProduct;
  private readonly order: ClusterOrder;
  private readonly count: number;

  constructor(memory: KernelMemory, dimension: number, { weights, clusterOfToken }: FloatClusters) {
    this.count = weights.length / dimension;
    this.product = floatProduct(memory, this.count, dimension, weights);
    this.order = clusterOrder(clusterOfToken, this.count);
  }

  /** Logits of tokens within their clusters become joint ones: those of the cluster, plus their logarithmic share. */
  join(inputs: Float64Array[], logits: Float64Array[]): void {
    const { start, tokens } = this.order;
    const clusterLogits = inputs.map(() => new Float64Array(this.count));
    this.product.multiply(inputs, clusterLogits);
    for (const [i, ofTokens] of logits.entries()) {
      for (let cluster = 0; cluster < this.count; cluster++) {
        const members = tokens.subarray(start[cluster], start[cluster + 1]);
        const change = clusterLogits[i][cluster] - logSumExp(ofTokens, members);
        for (const token of members) ofTokens[token] += change;
      }
    }
  }
}

/** Of the logits of some tokens. */
function logSumExp(logits: Float64Array, tokens: Uint16Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const token of tokens) top = Math.max(top, logits[token]);
  let sum = 0;
  for (const token of tokens) sum += Math.exp(logits[token] - top);
  return top + Math.log(sum);
}
