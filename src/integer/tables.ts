/** The two tables of docs/arithmetic.md, and sigmoid by interpolation in the first. */

const ENTRIES = 257;

/** round(32768 / (1 + exp(-i/16))): the sigmoid of i/16 with 15 fraction bits. */
export const SIGMOID = Uint16Array.from({ length: ENTRIES }, (_, i) =>
  Math.round(32768 / (1 + Math.exp(-i / 16))),
);

/** round(65535 * exp(-i/16)): weights of candidates that lie i/16 below the best. */
export const EXP = Uint16Array.from({ length: ENTRIES }, (_, i) => Math.round(65535 * Math.exp(-i / 16)));

/**
 * Sigmoid with 15 fraction bits, 0..32768.
 *
 * @param x argument, |x| <= 32767
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
