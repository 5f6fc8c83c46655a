import type { Board, Framework } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { allowanceFor } from './allowances.js';
import type { ModelShape } from './image-size.js';
import { variableBytesOf } from './ram.js';

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
 * Whether a model of a shape fits a board, estimated without a compiler.
 * @throws FlashlmError bad-board-file for a partition table without an app partition
 */
export function fitShape({ shape, imageBytes, board, framework }: FitRequest): Fit {
  const allowance = allowanceFor(board, framework);
  const flash = memoryFit(imageBytes, allowance.flashBytes, availableFlash(board, framework));
  const ram = memoryFit(variableBytesOf(shape), allowance.ramBytes, board.memory.ramBytes);
  return { board: board.id, framework, flash, ram, fits: flash.missing === 0 && ram.missing === 0 };
}

/**
 * Flash in bytes that a program may take: the app partition where a framework uses a partition table, else all.
 * @throws FlashlmError bad-board-file for a partition table without an app partition
 */
export function availableFlash(board: Board, framework: Framework): number {
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
