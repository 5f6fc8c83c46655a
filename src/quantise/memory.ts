import { clamp } from '../integer/arithmetic.js';
import { GATE_LIMIT } from '../integer/limits.js';
import { memoryShift } from '../integer/memory.js';
import type { ModelConfig } from '../model/config.js';

/** Bits that signed_multiply drops. */
const READ_SHIFT = 16;

/**
 * Fraction bits of what a mixer's gate multiplies, beside the scale of the taps.
 *
 * Values and reads have f = `fractionBits`. The convolution keeps those of the values. With a memory, S has k fewer,
 * reading it gains f and loses 16, and c' is shifted to the same.
 */
export function mixedFractionBits(fractionBits: number, memory: ModelConfig['memory']): number {
  return memory === undefined ? fractionBits : 2 * fractionBits - READ_SHIFT - memoryShift(memory.slots);
}

/**
 * @param bias [m], of the float model
 * @returns [m]; beyond 16 bits a gate is all but open or shut
 */
export function quantiseWriteBias(bias: Float32Array, fractionBits: number): Int16Array {
  return Int16Array.from(bias, (value) => clamp(Math.round(value * 2 ** fractionBits), GATE_LIMIT));
}
