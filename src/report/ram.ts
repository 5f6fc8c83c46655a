import type { Board } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { mixerRows } from '../model/config.js';
import { plannedStages } from '../quantise/screen/screen.js';
import type { ModelShape } from './image-size.js';

/** Columns of a quad: firmware/core/kernel.h. */
const QUAD_COLUMNS = 20;
/** Sampler, settings, the line that is typed: the rest of `struct flashlm_console`, whatever the model. */
const CONSOLE_BYTES = 784;

/** What the firmware keeps in variables, whose size the model's shape alone decides; in bytes, on a chip of 32 bits. */
export interface StateBytes {
  /** What the slots of the memory hold; 0 without one. */
  memory: number;
  /** The last values of each block's convolution. */
  history: number;
  /** Residual stream, activations, and the buffer in which each matrix leaves its rows. */
  vectors: number;
}

/** By part, as `struct flashlm_state` of firmware/core/state.h has them. */
export function stateBytesOf(shape: ModelShape): StateBytes {
  const { dimension, hidden, blocks, kernel } = shape;
  const residual = 4 * dimension;
  const work = 4 * Math.max(2 * hidden, mixerRows(shape), logitsInMemory(shape));
  const activations = 2 * Math.ceil(Math.max(dimension, hidden) / QUAD_COLUMNS) * QUAD_COLUMNS;
  return {
    memory: 4 * blocks * dimension * (shape.memory?.slots ?? 0),
    history: 2 * blocks * Math.max(1, kernel - 1) * dimension,
    vectors: residual + work + activations,
  };
}

/**
 * RAM in bytes that the variables of the firmware take on a chip of 32 bits, but for the tables of the kernel and what is
 * staged: the model's state, and the console around it.
 */
export function variableBytesOf(shape: ModelShape): number {
  const { memory, history, vectors } = stateBytesOf(shape);
  return memory + history + vectors + CONSOLE_BYTES;
}

/** What is read at once may begin and end within a word: firmware/core/read.c. */
const WORD_BYTES = 4;

/** RAM in bytes for what is read at once where flash is not mapped into memory; else 0. */
export function pageBytesOf({ memory }: Board): number {
  return memory.paged === undefined ? 0 : memory.paged.bytes + WORD_BYTES;
}

/** FLASHLM_LOGITS_AT_A_TIME and FLASHLM_SCREEN_TURN of firmware/core/state.h. */
const LOGITS_AT_A_TIME = 64;
const SCREEN_TURN = 16;

/**
 * With clusters the head keeps the logits of all of them, and of the tokens of one; the trainer makes all alike. Without,
 * those of some tokens, or what its screen works with.
 */
function logitsInMemory(shape: ModelShape): number {
  const { vocabulary, dimension, clusters } = shape;
  if (clusters !== undefined) return clusters + Math.ceil(vocabulary / clusters);
  const stages = plannedStages(shape).length;
  const screen = stages === 0 ? 0 : 2 * dimension + 2 * stages * (SCREEN_TURN + 4 * stages);
  return Math.max(LOGITS_AT_A_TIME, screen);
}

/** STACK_WORDS of the ports' second_core.c; and what the cores tell each other with. */
const SECOND_STACK_BYTES = 512;
const MAILBOX_BYTES = 24;

/** What a second core takes of RAM, in bytes, beside what one core has. */
export interface SecondCoreBytes {
  tables: number;
  /** The sums of its half of the columns. */
  sums: number;
  stack: number;
}

/** RAM in bytes of all variables but what is staged. @param tableBytes of the kernel, for one core */
export function variableBytesOn(shape: ModelShape, tableBytes: number, cores: CoreCount): number {
  const { tables, sums, stack } = secondCoreBytesOf(shape, tableBytes);
  return variableBytesOf(shape) + tableBytes + (cores === 2 ? tables + sums + stack : 0);
}

/** By part, as firmware/core/two_cores.c has them. @param tableBytes of the kernel, for one core */
export function secondCoreBytesOf(shape: ModelShape, tableBytes: number): SecondCoreBytes {
  const sums = 4 * Math.max(2 * shape.hidden, mixerRows(shape)) + MAILBOX_BYTES;
  return { tables: tableBytes, sums, stack: SECOND_STACK_BYTES };
}
