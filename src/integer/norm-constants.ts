/** The two constants of the integer RMS norm that follow from the dimension. */
export interface NormConstants {
  /** Bits that are dropped from a value before it is squared, so that the sum of d squares fits 32 bits. */
  squareShift: number;
  /** FlashLM's 1e-6, times d because the sum is not divided, with the 32 fraction bits of a square. */
  epsilon: number;
}

/** `square_shift` and `epsilon` of docs/arithmetic.md, section 4. */
export function normConstants(dimension: number): NormConstants {
  const epsilon = Math.round(dimension * 1e-6 * 2 ** 32);
  let squareShift = 0;
  while (dimension * 4 ** (15 - squareShift) + Math.floor(epsilon / 4 ** squareShift) >= 2 ** 32) {
    squareShift++;
  }
  return { squareShift, epsilon };
}
