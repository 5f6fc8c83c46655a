import { KERNELS } from '../generate/kernels.js';
import type { ModelShape } from './image-size.js';

/** Columns of a quad: firmware/core/kernel.h. */
const QUAD_COLUMNS = 20;
/** Sampler, settings, the line that is typed: the rest of `struct flashlm_console`, whatever the model. */
const CONSOLE_BYTES = 1152;

/**
 * RAM in bytes that the variables of the firmware take on a chip of 32 bits: `struct flashlm_state` of
 * firmware/core/state.h, the console around it, and the tables of the kernel that takes most.
 */
export function variableBytesOf({ dimension, hidden, blocks, kernel }: ModelShape): number {
  const widest = Math.max(dimension, hidden);
  const residual = 4 * dimension;
  const work = 4 * 2 * widest;
  const activations = 2 * Math.ceil(widest / QUAD_COLUMNS) * QUAD_COLUMNS;
  const history = 2 * blocks * Math.max(1, kernel - 1) * dimension;
  const kernelTables = Math.max(...KERNELS.map(({ ramBytes }) => ramBytes));
  return residual + work + activations + history + kernelTables + CONSOLE_BYTES;
}
