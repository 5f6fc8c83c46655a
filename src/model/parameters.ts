import type { ModelConfig } from './config.js';

/** One trained tensor, under FlashLM's own state_dict key. */
export interface ParameterDescription {
  name: string;
  shape: number[];
  /** Number of elements. */
  size: number;
  /** First element within the flat vector of all parameters. */
  offset: number;
  /** Standard deviation of the initial values, or 'ones'. */
  initial: number | 'ones';
}

export interface ParameterLayout {
  parameters: ParameterDescription[];
  /** Elements of all parameters together. */
  total: number;
}

/**
 * All trained tensors in their order, with shapes as FlashLM publishes them ([out, in] for matrices,
 * [d, 1, K] for the convolution). Initial values follow FlashLM: Kaiming normal with fan-out for matrices and
 * convolution, 0.02 for the embedding, ones for norms.
 */
export function parameterLayout(config: ModelConfig): ParameterLayout {
  const { vocabulary, dimension: d, blocks, hidden, kernel } = config;
  const parameters: ParameterDescription[] = [];
  let total = 0;
  const add = (name: string, shape: number[], initial: number | 'ones') => {
    const size = shape.reduce((product, length) => product * length, 1);
    parameters.push({ name, shape, size, offset: total, initial });
    total += size;
  };
  const matrix = (name: string, rows: number, columns: number) =>
    add(name, [rows, columns], Math.sqrt(2 / rows));

  add('embedding.weight', [vocabulary, d], 0.02);
  for (let block = 0; block < blocks; block++) {
    const prefix = `blocks.${block}.`;
    add(`${prefix}norm1.scale`, [d], 'ones');
    matrix(`${prefix}mixer.up.weight`, 2 * d, d);
    add(`${prefix}mixer.conv.weight`, [d, 1, kernel], Math.sqrt(2 / (d * kernel)));
    matrix(`${prefix}mixer.down.weight`, d, d);
    add(`${prefix}norm2.scale`, [d], 'ones');
    matrix(`${prefix}ffn.W_gate.weight`, hidden, d);
    matrix(`${prefix}ffn.W_up.weight`, hidden, d);
    matrix(`${prefix}ffn.W_down.weight`, d, hidden);
  }
  add('final_norm.scale', [d], 'ones');
  return { parameters, total };
}

/** A parameter's part of the flat vector; a view, not a copy. */
export function parameterView(flat: Float32Array, parameter: ParameterDescription): Float32Array {
  return flat.subarray(parameter.offset, parameter.offset + parameter.size);
}
