import type { Board, Framework } from '../boards/board.js';
import { bestKernel, type Kernel } from '../generate/kernels.js';
import { allowanceFor } from './allowances.js';
import type { ModelShape } from './image-size.js';
import { pageBytesOf, variableBytesOf } from './ram.js';

/** The fastest kernel for a board's core whose tables fit beside the variables of a model of this shape. */
export function kernelFor(shape: ModelShape, board: Board, framework: Framework): Kernel {
  const free = board.memory.ramBytes - allowanceFor(board, framework).ramBytes - variableBytesOf(shape);
  return bestKernel(board.toolchain, free - pageBytesOf(board), board.memory.paged !== undefined);
}

/** RAM in bytes that its tables take. */
export function kernelBytesFor(shape: ModelShape, board: Board, framework: Framework): number {
  return kernelFor(shape, board, framework).ramBytes;
}
