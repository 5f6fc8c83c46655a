import { FlashlmError } from '../errors.js';
import { findClusterProblem } from '../model/cluster-order.js';
import type { FloatModel } from './model.js';
import { parameterOf } from './parameter.js';

/** The first level of a two-level softmax. */
export interface FloatClusters {
  /** [C x d] */
  weights: Float32Array;
  /** [V] */
  clusterOfToken: Uint16Array;
}

/**
 * @returns null for a model with a plain softmax
 * @throws FlashlmError `bad-checkpoint` for clusters that are not those of the vocabulary
 */
export function clustersOf(model: FloatModel): FloatClusters | null {
  const count = model.config.clusters;
  if (count === undefined) return null;
  const clusterOfToken = parameterOf(model, 'head.cluster_of_token');
  const problem = findClusterProblem(clusterOfToken, count);
  if (problem !== null) {
    throw new FlashlmError(
      'bad-checkpoint',
      `The model's clusters cannot be used: ${problem}.`,
      'Use the weights as they were trained.',
    );
  }
  return {
    weights: parameterOf(model, 'head.clusters.weight'),
    clusterOfToken: Uint16Array.from(clusterOfToken),
  };
}
