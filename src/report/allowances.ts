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
/** Mbed OS, without a radio's libraries. */
const MBED_CORE: Allowance = { flashBytes: 192 * KIB, ramBytes: 64 * KIB };
/** stack_bytes of firmware/ports/support/sections.ld. */
const BARE_STACK_BYTES = 704;

/** By `platform` of a board's file; every other one is small. */
const CORE_OF_PLATFORM: Readonly<Record<string, Allowance>> = {
  'esp32:esp32': LARGE_CORE,
  // RAM: an empty sketch takes 28,096 bytes, the last 1,728 of 80 KB are not its own (github.com/esp8266/Arduino/issues/9222),
  // tables that are constant lie in RAM, too (2 KB), and 3 KB are left for the heap; a radio would want more.
  'esp8266:esp8266': { flashBytes: 288 * KIB, ramBytes: 34 * KIB },
  'arduino:mbed_nano': MBED_CORE,
  'arduino:mbed_giga': MBED_CORE,
  // Measured with Debian's (test/compile/arduino-builder.test.ts): its program and 186 bytes of variables; and a stack as bare
  // firmware has it.
  'arduino:avr': { flashBytes: 28 * KIB, ramBytes: 186 + BARE_STACK_BYTES },
  // As little as there is reason for: more would leave no model for these 256 KB.
  'arduino:renesas_uno': { flashBytes: 80 * KIB, ramBytes: 8 * KIB },
  // Its linker script copies the program itself to RAM.
  'teensy:avr': { flashBytes: 128 * KIB, ramBytes: 128 * KIB },
};

/** By how the names of toolchains begin; others have 23. */
const BARE_PROGRAM_KIB: readonly [string, number][] = [
  ['cortex-m0plus', 18],
  ['cortex-', 19],
  ['atmega', 30],
];

/**
 * What bare firmware takes beside model and variables: its program, measured (the linker's figures for the models that
 * ship are at most this and little less, test/report/linked.test.ts), and its stack.
 */
function bareAllowance({ toolchain }: Board): Allowance {
  const flashBytes = (BARE_PROGRAM_KIB.find(([prefix]) => toolchain.startsWith(prefix))?.[1] ?? 23) * KIB;
  return { flashBytes, ramBytes: BARE_STACK_BYTES };
}

/**
 * The allowance for a board. Arduino cores differ in what they bring; of them, these are generous round numbers, not
 * measurements, and the linker has the last word. With ESP-IDF the program has a partition of its own, and all of it is
 * set aside.
 */
export function allowanceFor(board: Board, framework: Framework): Allowance {
  if (framework === 'esp-idf') {
    const app = board.espIdf?.partitions.find(({ type }) => type === 'app');
    return { ...LARGE_CORE, ...(app === undefined ? {} : { flashBytes: app.bytes }) };
  }
  if (framework === 'bare') return bareAllowance(board);
  const platform = board.arduino?.platform;
  return platform === undefined ? LARGE_CORE : (CORE_OF_PLATFORM[platform] ?? SMALL_CORE);
}
