import type { Board, Framework } from '../boards/board.js';

/** Memory set aside, before anything is compiled, for what is not the model. */
export interface Allowance {
  /** Code and constants, in bytes. */
  flashBytes: number;
  /** Stack, and what a framework keeps for itself, in bytes. */
  ramBytes: number;
}

const KIB = 1024;
/** Cores that bring an operating system and a radio's libraries, as those of Espressif's chips do. */
const LARGE_CORE: Allowance = { flashBytes: 600 * KIB, ramBytes: 64 * KIB };
/** Arduino cores without them. */
const SMALL_CORE: Allowance = { flashBytes: 128 * KIB, ramBytes: 16 * KIB };
const LARGE_PLATFORMS = ['esp32:esp32'];

/**
 * Allowances by framework: generous round numbers, not measurements; the linker has the last word. Bare, the program
 * is about 14 KB and its stack 4 KB (firmware/ports/support/sections.ld).
 */
export const PROGRAM_ALLOWANCE: Readonly<Record<Framework, Allowance>> = {
  bare: { flashBytes: 32 * KIB, ramBytes: 4 * KIB },
  arduino: LARGE_CORE,
  platformio: LARGE_CORE,
  'esp-idf': LARGE_CORE,
};

/** The allowance for a board: Arduino cores of small chips take less than the framework's. */
export function allowanceFor(board: Board, framework: Framework): Allowance {
  const platform = board.arduino?.platform;
  const isSmall = framework === 'arduino' && platform !== undefined && !LARGE_PLATFORMS.includes(platform);
  return isSmall ? SMALL_CORE : PROGRAM_ALLOWANCE[framework];
}
