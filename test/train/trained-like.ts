import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { initialiseParameters } from '../../src/train/initialise.js';
import { Random } from '../../src/train/random.js';

/**
 * Parameters like those of a model in training: an embedding that has grown, norms away from one, and where there are
 * clusters, ones of very unequal sizes, one of them with a single token. The same each time.
 * @returns [total of parameterLayout(config)]
 */
export function trainedLikeParameters(config: ModelConfig): Float32Array {
  const { parameters, total } = parameterLayout(config);
  const flat = new Float32Array(total);
  initialiseParameters(flat, config, 3);
  const random = new Random(9);
  for (const parameter of parameters) {
    const view = parameterView(flat, parameter);
    if (!parameter.trained) {
      fillUnequalClusters(view, config.clusters ?? 0);
      continue;
    }
    const factor = parameter.name === 'embedding.weight' ? 60 / Math.sqrt(config.dimension) : 1;
    for (let i = 0; i < view.length; i++) view[i] *= factor * (1 + 0.3 * random.normal());
  }
  return flat;
}

function fillUnequalClusters(clusterOfToken: Float32Array, clusters: number): void {
  for (let token = 0; token < clusterOfToken.length; token++) {
    clusterOfToken[token] = Math.floor((token / clusterOfToken.length) ** 2 * (clusters - 1));
  }
  clusterOfToken[7] = clusters - 1;
}
