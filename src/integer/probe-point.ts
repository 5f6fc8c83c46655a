/**
 * The intermediate vectors of one step, in order of computation; docs/console.md explains each. `memory` is there in
 * models that have one.
 */
export type ProbeName =
  | 'embedding'
  | 'norm1'
  | 'mixer_up'
  | 'mixer_gates'
  | 'convolution'
  | 'memory'
  | 'mixer_product'
  | 'mixer_down'
  | 'mixer_residual'
  | 'norm2'
  | 'ffn_in'
  | 'ffn_product'
  | 'ffn_down'
  | 'ffn_residual'
  | 'final_norm';

/** One intermediate vector of one step. */
export interface ProbePoint {
  /** Number of the vector within its step, from 0. */
  point: number;
  name: ProbeName;
  /** -1 outside blocks */
  block: number;
  count: number;
  /** `checksumOf` the values, unsigned. */
  checksum: number;
  /** A copy. */
  values: Int32Array;
}
