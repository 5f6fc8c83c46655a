/**
 * products = weights * vector.
 *
 * Four rows go through the vector together: each element is loaded once for the four, and their four sums do not
 * wait for each other.
 *
 * @param weights [rows x columns], row by row
 * @param vector [columns]
 * @param products [rows]
 */
export function multiply(weights: Float32Array, vector: Float64Array, products: Float64Array): void {
  const columns = vector.length;
  const rows = products.length;
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
      sum0 += weights[start0 + column] * x;
      sum1 += weights[start1 + column] * x;
      sum2 += weights[start2 + column] * x;
      sum3 += weights[start3 + column] * x;
    }
    products[row] = sum0;
    products[row + 1] = sum1;
    products[row + 2] = sum2;
    products[row + 3] = sum3;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      sum += weights[row * columns + column] * vector[column];
    }
    products[row] = sum;
  }
}
