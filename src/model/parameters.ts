import { type ModelConfig, memorySlots, mixerRows } from './config.js';

/** One trained tensor, under FlashLM's own state_dict key. */
export interface ParameterDescription {
  name: string;
  shape: number[];
  /** Number of elements. */
  size: number;
  /** First element within the flat vector of all parameters. */
  offset: number;
  initial: InitialValues;
  /** Whether it is learned; a buffer is data that belongs to the model and stays as it is. */
  trained: boolean;
}

/**
 * A number: normally distributed with that standard deviation. `newest-tap`: 1 for the tap that meets the newest token,
 * small for the others. `time-scales`: biases that let the slots of a head remember for one to a few hundred tokens.
 * `clusters`: found from the stories (src/train/clusters.ts).
 */
export type InitialValues = number | 'ones' | 'newest-tap' | 'time-scales' | 'clusters';

export interface ParameterLayout {
  parameters: ParameterDescription[];
  /** Elements of all parameters together. */
  total: number;
}

/**
 * All tensors in their order, with shapes as FlashLM publishes them ([out, in] for matrices, [d, 1, K] for the
 * convolution). Initial values follow FlashLM: Kaiming normal with fan-out for matrices and convolution, 0.02 for the
 * embedding, ones for norms. What FlashLM does not have is described in docs/arithmetic.md: `mixer.write_bias` [m] of
 * a memory, `head.clusters.weight` [C, d], and the buffer `head.cluster_of_token` [V], which holds each token's cluster.
 */
export function parameterLayout(config: ModelConfig): ParameterLayout {
  const { vocabulary, dimension: d, blocks, hidden, kernel, clusters } = config;
  const slots = memorySlots(config);
  const parameters: ParameterDescription[] = [];
  let total = 0;
  const add = (name: string, shape: number[], initial: InitialValues, trained = true) => {
    const size = shape.reduce((product, length) => product * length, 1);
    parameters.push({ name, shape, size, offset: total, initial, trained });
    total += size;
  };
  const matrix = (name: string, rows: number, columns: number) =>
    add(name, [rows, columns], Math.sqrt(2 / rows));

  add('embedding.weight', [vocabulary, d], 0.02);
  for (let block = 0; block < blocks; block++) {
    const prefix = `blocks.${block}.`;
    add(`${prefix}norm1.scale`, [d], 'ones');
    matrix(`${prefix}mixer.up.weight`, mixerRows(config), d);
    const taps = slots > 0 ? 'newest-tap' : Math.sqrt(2 / (d * kernel));
    add(`${prefix}mixer.conv.weight`, [d, 1, kernel], taps);
    if (slots > 0) add(`${prefix}mixer.write_bias`, [slots], 'time-scales');
    matrix(`${prefix}mixer.down.weight`, d, d);
    add(`${prefix}norm2.scale`, [d], 'ones');
    matrix(`${prefix}ffn.W_gate.weight`, hidden, d);
    matrix(`${prefix}ffn.W_up.weight`, hidden, d);
    matrix(`${prefix}ffn.W_down.weight`, d, hidden);
  }
  add('final_norm.scale', [d], 'ones');
  if (clusters !== undefined) {
    add('head.clusters.weight', [clusters, d], 0.02);
    add('head.cluster_of_token', [vocabulary], 'clusters', false);
  }
  return { parameters, total };
}

/** A parameter's part of the flat vector; a view, not a copy. */
export function parameterView(flat: Float32Array, parameter: ParameterDescription): Float32Array {
  return flat.subarray(parameter.offset, parameter.offset + parameter.size);
}
