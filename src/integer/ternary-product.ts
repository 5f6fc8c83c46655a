import type { TernaryMatrix } from './model.js';
import {
  GROUP_COLUMNS,
  GROUP_SUMS,
  type GroupedMatrix,
  groupColumns,
  STRIPE_GROUPS,
} from './ternary-groups.js';

/**
 * Products of one ternary matrix with vectors of activations, by shared partial sums (ternary-groups.ts). The sums
 * are exact and stay below 2^26, so their order does not matter.
 */
export class TernaryProduct {
  private readonly matrix: GroupedMatrix;
  private readonly vector: Int32Array;
  /** [group][code] */
  private readonly sums: Int32Array;

  constructor(matrix: TernaryMatrix) {
    this.matrix = groupColumns(matrix);
    this.vector = new Int32Array(this.matrix.paddedColumns);
    this.sums = new Int32Array((this.matrix.paddedColumns / GROUP_COLUMNS) * GROUP_SUMS);
  }

  /**
   * @param vector [columns]
   * @param accumulators [rows], receives matrix * vector
   */
  multiply(vector: Int16Array, accumulators: Int32Array): void {
    this.vector.set(vector);
    computeSums(this.vector, this.sums);
    addSums(this.matrix.codes, this.sums, accumulators);
  }
}

/** The 81 signed sums of each group of four elements, in the order of their codes. */
function computeSums(vector: Int32Array, sums: Int32Array): void {
  let base = 0;
  for (let first = 0; first < vector.length; first += GROUP_COLUMNS) {
    // Code 0 stands for four weights of -1; raising weight i by 1 adds 3^i to the code and x_i to the sum.
    sums[base] = -(vector[first] + vector[first + 1] + vector[first + 2] + vector[first + 3]);
    let count = 1;
    for (let i = 0; i < GROUP_COLUMNS; i++) {
      const x = vector[first + i];
      for (let code = 0; code < count; code++) {
        const sum = sums[base + code];
        sums[base + count + code] = sum + x;
        sums[base + 2 * count + code] = sum + 2 * x;
      }
      count *= 3;
    }
    base += GROUP_SUMS;
  }
}

function addSums(codes: Uint8Array, sums: Int32Array, accumulators: Int32Array): void {
  const rows = accumulators.length;
  accumulators.fill(0);
  let position = 0;
  for (let base0 = 0; base0 < sums.length; base0 += STRIPE_GROUPS * GROUP_SUMS) {
    const base1 = base0 + GROUP_SUMS;
    const base2 = base1 + GROUP_SUMS;
    const base3 = base2 + GROUP_SUMS;
    for (let row = 0; row < rows; row++) {
      accumulators[row] +=
        sums[base0 + codes[position]] +
        sums[base1 + codes[position + 1]] +
        sums[base2 + codes[position + 2]] +
        sums[base3 + codes[position + 3]];
      position += STRIPE_GROUPS;
    }
  }
}
