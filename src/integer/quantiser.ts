import { bitLength, roundShift } from './arithmetic.js';

/** Bits of an activation on the chip, its sign included; |q| <= 2^12 = 4096. */
export const ACTIVATION_BITS = 13;

/** Largest magnitude in a vector. */
export function largestMagnitude(values: Int32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, Math.abs(values[i]));
  }
  return largest;
}

/**
 * The activation quantiser of docs/arithmetic.md, section 3: 13 bits an element, one exponent for all.
 *
 * @param values [n], |value| <= 2^30
 * @param activations [n], receives q with |q| <= 4096
 * @param bits of an activation with its sign; fewer than the chip's are an experiment
 * @returns the exponent e: value = q * 2^e, rounded
 */
export function quantiseActivations(
  values: Int32Array,
  activations: Int16Array,
  bits: number = ACTIVATION_BITS,
): number {
  const exponent = Math.max(0, bitLength(largestMagnitude(values)) - (bits - 1));
  for (let i = 0; i < values.length; i++) {
    activations[i] = roundShift(values[i], exponent);
  }
  return exponent;
}
