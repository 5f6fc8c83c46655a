import type { TernaryMatrix } from '../integer/model.js';
import {
  GROUP_COLUMNS,
  GROUP_SUMS,
  type GroupedMatrix,
  groupColumns,
  STRIPE_GROUPS,
} from '../integer/ternary-groups.js';

/**
 * Products of one ternary matrix with float vectors, by the shared partial sums of ternary-groups.ts in double
 * precision.
 */
export class TernaryProduct {
  private readonly matrix: GroupedMatrix;
  private readonly vector: Float64Array;
  /** [group][code] */
  private readonly sums: Float64Array;

  /** @param scale what a weight of +1 is worth */
  constructor(
    matrix: TernaryMatrix,
    private readonly scale: number,
  ) {
    this.matrix = groupColumns(matrix);
    this.vector = new Float64Array(this.matrix.paddedColumns);
    this.sums = new Float64Array((this.matrix.paddedColumns / GROUP_COLUMNS) * GROUP_SUMS);
  }

  /**
   * @param vector [columns]
   * @param products [rows], receives matrix * scale * vector
   */
  multiply(vector: Float64Array, products: Float64Array): void {
    this.vector.set(vector);
    computeSums(this.vector, this.sums);
    addSums(this.matrix.codes, this.sums, products);
    for (let row = 0; row < products.length; row++) {
      products[row] *= this.scale;
    }
  }
}

/** The 81 signed sums of each group of four elements, in the order of their codes. */
function computeSums(vector: Float64Array, sums: Float64Array): void {
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

function addSums(codes: Uint8Array, sums: Float64Array, products: Float64Array): void {
  const rows = products.length;
  products.fill(0);
  let position = 0;
  for (let base0 = 0; base0 < sums.length; base0 += STRIPE_GROUPS * GROUP_SUMS) {
    const base1 = base0 + GROUP_SUMS;
    const base2 = base1 + GROUP_SUMS;
    const base3 = base2 + GROUP_SUMS;
    for (let row = 0; row < rows; row++) {
      products[row] +=
        sums[base0 + codes[position]] +
        sums[base1 + codes[position + 1]] +
        sums[base2 + codes[position + 2]] +
        sums[base3 + codes[position + 3]];
      position += STRIPE_GROUPS;
    }
  }
}
