import type { TernaryMatrix } from './model.js';

/**
 * Shared partial sums for ternary products: four neighbouring inputs have only 3^4 = 81 signed sums, so each is
 * computed once and every row of the matrix adds one of them where it would have added four weights.
 */
export const GROUP_COLUMNS = 4;
export const GROUP_SUMS = 81;
/** A product takes this many groups of a row at a time. */
export const STRIPE_GROUPS = 4;
const STRIPE_COLUMNS = GROUP_COLUMNS * STRIPE_GROUPS;

/** A ternary matrix as the numbers of the sums that its rows add. */
export interface GroupedMatrix {
  rows: number;
  /** Columns, padded with zero weights to whole stripes of 16. */
  paddedColumns: number;
  /** [stripe][row][group of the stripe]: sum over the group's columns i of (weight + 1) * 3^i */
  codes: Uint8Array;
}

/** Groups the columns of a matrix. */
export function groupColumns({ rows, columns, weights }: TernaryMatrix): GroupedMatrix {
  const stripes = Math.ceil(columns / STRIPE_COLUMNS);
  const codes = new Uint8Array(stripes * rows * STRIPE_GROUPS);
  let position = 0;
  for (let stripe = 0; stripe < stripes; stripe++) {
    for (let row = 0; row < rows; row++) {
      for (let group = 0; group < STRIPE_GROUPS; group++) {
        const firstColumn = stripe * STRIPE_COLUMNS + group * GROUP_COLUMNS;
        let code = 0;
        for (let i = GROUP_COLUMNS - 1; i >= 0; i--) {
          const column = firstColumn + i;
          const weight = column < columns ? weights[row * columns + column] : 0;
          code = code * 3 + weight + 1;
        }
        codes[position++] = code;
      }
    }
  }
  return { rows, paddedColumns: stripes * STRIPE_COLUMNS, codes };
}
