import { type Board, type Framework, MODEL_PARTITION } from '../boards/board.js';
import { coresFor } from '../boards/cores.js';
import { FlashlmError } from '../errors.js';
import { allowanceFor } from './allowances.js';
import type { ModelShape } from './image-size.js';
import { kernelBytesFor } from './kernel-choice.js';
import { pageBytesOf, variableBytesOn } from './ram.js';

/** What is to go where; the model may not exist yet. */
export interface FitRequest {
  shape: ModelShape;
  /** Length of the image, in bytes: of a real one, or by `imageBytesOf`. */
  imageBytes: number;
  board: Board;
  framework: Framework;
}

/** Bytes of one kind of memory, as estimated before compiling. */
export interface MemoryFit {
  /** The model: its image in flash, its variables in RAM. */
  model: number;
  /** Set aside for everything else; an allowance, not a measurement. */
  allowance: number;
  /** Both together. */
  used: number;
  available: number;
  /** What is wanting; 0 where all fits. */
  missing: number;
}

export interface Fit {
  board: string;
  framework: Framework;
  flash: MemoryFit;
  ram: MemoryFit;
  fits: boolean;
}

/**
 * Flash for an image that does not fit beside the program of a sketch; null where it does, or where there is none.
 * @param imageBytes length of the image
 */
export function imageRegionOf(
  { memory, ...board }: Board,
  framework: Framework,
  imageBytes: number,
): { offset: number; bytes: number } | null {
  if (framework === 'bare' || framework === 'esp-idf') return null;
  const program = allowanceFor({ memory, ...board }, framework).flashBytes;
  return imageBytes + program <= memory.flashBytes ? null : (memory.paged?.region ?? null);
}

/**
 * Whether a model of a shape fits a board, estimated without a compiler.
 * @throws FlashlmError bad-board-file for a partition table without an app partition
 */
export function fitShape({ shape, imageBytes, board, framework }: FitRequest): Fit {
  const allowance = allowanceFor(board, framework);
  const flash = memoryFit(imageBytes, allowance.flashBytes, availableFlash(board, framework, imageBytes));
  const variables =
    variableBytesOn(shape, kernelBytesFor(shape, board, framework), coresFor(board)) + pageBytesOf(board);
  const ram = memoryFit(variables, allowance.ramBytes, board.memory.ramBytes);
  return { board: board.id, framework, flash, ram, fits: flash.missing === 0 && ram.missing === 0 };
}

/**
 * Flash in bytes that program and model may take: the app partition where a framework uses a partition table, with the
 * model's where it has its own; else all.
 * @param imageBytes length of the image, which may have to lie elsewhere
 * @throws FlashlmError bad-board-file for a partition table without an app partition
 */
export function availableFlash(board: Board, framework: Framework, imageBytes: number): number {
  const region = imageRegionOf(board, framework, imageBytes);
  if (region !== null) return allowanceFor(board, framework).flashBytes + region.bytes;
  if (framework === 'esp-idf' && board.espIdf !== undefined) {
    return board.espIdf.partitions
      .filter(({ name, type }) => type === 'app' || name === MODEL_PARTITION)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }
  const partitions = framework === 'bare' ? undefined : board.arduino?.partitions;
  if (partitions === undefined) return board.memory.flashBytes;
  const app = partitions.find(({ type }) => type === 'app');
  if (app !== undefined) return app.bytes;
  throw new FlashlmError(
    'bad-board-file',
    `The board ${board.id} has no partition of type "app", so no program fits it.`,
    'docs/adding-a-board.md shows a partition table.',
  );
}

function memoryFit(model: number, allowance: number, available: number): MemoryFit {
  const used = model + allowance;
  return { model, allowance, used, available, missing: Math.max(0, used - available) };
}
