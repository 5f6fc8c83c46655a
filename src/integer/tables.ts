/** The tables of docs/arithmetic.md, and the functions that interpolate in them. */

import { bitLength } from './arithmetic.js';

const ENTRIES = 257;

/** round(32768 / (1 + exp(-i/16))): the sigmoid of i/16 with 15 fraction bits. */
export const SIGMOID = Uint16Array.from({ length: ENTRIES }, (_, i) =>
  Math.round(32768 / (1 + Math.exp(-i / 16))),
);

/** round(65535 * exp(-i/16)): weights of candidates that lie i/16 below the best. */
export const EXP = Uint16Array.from({ length: ENTRIES }, (_, i) => Math.round(65535 * Math.exp(-i / 16)));

/** round(65536 * ln(1 + i/256)): 16 fraction bits. The last is ln 2. */
export const LOG = Uint16Array.from({ length: ENTRIES }, (_, i) => Math.round(65536 * Math.log1p(i / 256)));

const LN_2 = LOG[ENTRIES - 1];

/**
 * Sigmoid with 15 fraction bits, 0..32768.
 *
 * @param x argument, |x| < 2^17
 * @param fractionBits of x, 4..14
 */
export function sigmoid(x: number, fractionBits: number): number {
  const magnitude = Math.abs(x);
  const stepBits = fractionBits - 4;
  const index = magnitude >> stepBits;
  let value: number;
  if (index >= 256) {
    value = SIGMOID[256];
  } else {
    const rest = magnitude & ((1 << stepBits) - 1);
    value = SIGMOID[index] + (((SIGMOID[index + 1] - SIGMOID[index]) * rest) >> stepBits);
  }
  return x >= 0 ? value : 32768 - value;
}

/**
 * exp(-distance), times 65535.
 *
 * @param distance unsigned, 12 fraction bits
 */
export function expOf(distance: number): number {
  if (distance >= 65536) {
    return 0;
  }
  const index = distance >> 8;
  return EXP[index] - (((EXP[index] - EXP[index + 1]) * (distance & 255)) >> 8);
}

/**
 * Natural logarithm with 16 fraction bits.
 *
 * @param x 1..2^32 - 1
 */
export function logOf(x: number): number {
  const exponent = bitLength(x) - 1;
  const rest = (exponent <= 16 ? x << (16 - exponent) : x >>> (exponent - 16)) - 65536;
  const index = rest >> 8;
  return exponent * LN_2 + LOG[index] + (((LOG[index + 1] - LOG[index]) * (rest & 255)) >> 8);
}

/** The logarithm of a sum of `expOf`, of which a single term at distance 0 is 0; never below. */
export function logOfWeights(sum: number): number {
  // 65535 is a little less than the 2^16 that would be 1.
  return Math.max(0, logOf(sum) - 16 * LN_2);
}
