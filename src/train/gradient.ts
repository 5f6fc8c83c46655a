import tf, { type Tensor, type Tensor2D } from '@tensorflow/tfjs';
import type { ModelConfig } from '../model/config.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { loss } from './graph.js';

/**
 * Loss and gradient of one batch.
 *
 * @param flat all parameters, in the order of parameterLayout(config)
 * @param windows [sequences x (length + 1)] token ids; each window's inputs are its first `length` ids and its
 *   targets the last `length`
 * @param gradient receives the gradient, in the layout of `flat`; null to compute the loss only
 * @returns mean loss in nats per token
 */
export function lossAndGradient(
  config: ModelConfig,
  flat: Float32Array,
  windows: Int32Array,
  sequences: number,
  gradient: Float32Array | null,
): number {
  const { parameters } = parameterLayout(config);
  return tf.tidy(() => {
    const tensors = parameters.map((parameter) => tf.tensor(parameterView(flat, parameter), parameter.shape));
    const length = windows.length / sequences - 1;
    const table = tf.tensor2d(windows, [sequences, length + 1], 'int32');
    const inputs = tf.slice(table, [0, 0], [sequences, length]);
    const targets = tf.slice(table, [0, 1], [sequences, length]);
    const trained = [...parameters.keys()].filter((i) => parameters[i].trained);
    const evaluate = (...values: Tensor[]) => {
      const all = [...tensors];
      for (const [place, i] of trained.entries()) all[i] = values[place];
      return loss(config, all, inputs as Tensor2D, targets as Tensor2D);
    };
    const learned = trained.map((i) => tensors[i]);
    if (gradient === null) return evaluate(...learned).dataSync()[0];
    const { value, grads } = tf.valueAndGrads(evaluate)(learned);
    gradient.fill(0); // of buffers it stays so
    for (const [place, i] of trained.entries()) gradient.set(grads[place].dataSync(), parameters[i].offset);
    return value.dataSync()[0];
  });
}
