import type { FloatModel } from '../../src/float/model.js';
import type { ModelConfig } from '../../src/model/config.js';
import { type InitialValues, parameterLayout } from '../../src/model/parameters.js';
import { RandomNumbers } from '../integer/random-model.js';

/**
 * A reproducible float model whose activations spread as a trained model's do: FlashLM's initial weights, with
 * norms, embedding and clusters away from their initial values.
 *
 * @param embeddingScale standard deviation of the embedding
 */
export function makeRandomFloatModel(config: ModelConfig, seed: number, embeddingScale = 0.4): FloatModel {
  const random = new RandomNumbers(seed);
  const parameters = parameterLayout(config).parameters.map(({ name, size, initial }) => {
    const value = elementOf(name === 'embedding.weight' ? embeddingScale : initial, config, random);
    return [name, Float32Array.from({ length: size }, (_, i) => value(i))] as const;
  });
  return { name: `random ${seed}`, config, parameters: new Map(parameters) };
}

/** Of each element of one parameter. */
function elementOf(
  initial: InitialValues,
  { kernel, memory, clusters = 0 }: ModelConfig,
  random: RandomNumbers,
): (index: number) => number {
  switch (initial) {
    case 'ones':
      return () => 1 + 0.2 * random.normal();
    case 'newest-tap':
      return (i) => 0.3 * random.normal() + (i % kernel === kernel - 1 ? 1 : 0);
    case 'time-scales':
      return (i) => -0.5 - (4 * (i % (memory?.slots ?? 1))) / (memory?.slots ?? 1);
    case 'clusters':
      // No cluster is empty, and neighbours are in different ones.
      return (i) => (i < clusters ? (i * 7919) % clusters : random.integer(0, clusters - 1));
    default:
      return () => initial * random.normal();
  }
}
