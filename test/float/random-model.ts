import type { FloatModel } from '../../src/float/model.js';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { RandomNumbers } from '../integer/random-model.js';

/**
 * A reproducible float model whose activations spread as a trained model's do: FlashLM's initial weights, with
 * norms and embedding away from their initial values.
 *
 * @param embeddingScale standard deviation of the embedding
 */
export function makeRandomFloatModel(config: ModelConfig, seed: number, embeddingScale = 0.4): FloatModel {
  const random = new RandomNumbers(seed);
  const parameters = parameterLayout(config).parameters.map(({ name, size, initial }) => {
    const spread = name === 'embedding.weight' ? embeddingScale : initial;
    const value = spread === 'ones' ? () => 1 + 0.2 * random.normal() : () => spread * random.normal();
    return [name, Float32Array.from({ length: size }, value)] as const;
  });
  return { name: `random ${seed}`, config, parameters: new Map(parameters) };
}
