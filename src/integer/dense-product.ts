/**
 * accumulators = weights * vector, exactly: the sums of the head stay below 2^30.
 *
 * Four rows go through the vector together: each element is loaded once for the four, and their four sums do not
 * wait for each other.
 *
 * @param weights [rows x columns], row by row
 * @param vector [columns]
 * @param accumulators [rows]
 */
export function multiply(weights: Int8Array, vector: Int16Array, accumulators: Int32Array): void {
  const columns = vector.length;
  const rows = accumulators.length;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const start0 = row * columns;
    const start1 = start0 + columns;
    const start2 = start1 + columns;
    const start3 = start2 + columns;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let column = 0; column < columns; column++) {
      const x = vector[column];
      sum0 = (sum0 + Math.imul(weights[start0 + column], x)) | 0;
      sum1 = (sum1 + Math.imul(weights[start1 + column], x)) | 0;
      sum2 = (sum2 + Math.imul(weights[start2 + column], x)) | 0;
      sum3 = (sum3 + Math.imul(weights[start3 + column], x)) | 0;
    }
    accumulators[row] = sum0;
    accumulators[row + 1] = sum1;
    accumulators[row + 2] = sum2;
    accumulators[row + 3] = sum3;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      sum = (sum + Math.imul(weights[row * columns + column], vector[column])) | 0;
    }
    accumulators[row] = sum;
  }
}
