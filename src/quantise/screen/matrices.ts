/** Dense square matrices of doubles, row by row, as far as a screen needs them. */

/** Jacobi's rotations converge quadratically; real matrices take about eight sweeps. */
const MOST_SWEEPS = 40;
/** What is left off the diagonal, against the whole, when a matrix counts as diagonal. */
const OFF_DIAGONAL = 1e-22;

export interface Eigen {
  /** [n], falling */
  values: Float64Array;
  /** [n x n]: the vector of each value is a row */
  vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors by cyclic Jacobi rotations.
 *
 * @param matrix [n x n], symmetric; left as it is
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const rest = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const total = rest.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(rest, n) > OFF_DIAGONAL * total; sweep++) {
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotate(rest, vectors, n, p, q);
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => rest[b * n + b] - rest[a * n + a]);
  const sorted = new Float64Array(n * n);
  for (const [place, i] of order.entries()) sorted.set(vectors.subarray(i * n, (i + 1) * n), place * n);
  return { values: Float64Array.from(order, (i) => rest[i * n + i]), vectors: sorted };
}

function offDiagonal(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) sum += 2 * matrix[i * n + j] ** 2;
  }
  return sum;
}

/** Turns the plane of p and q so that their element becomes 0. */
function rotate(matrix: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const element = matrix[p * n + q];
  if (element === 0) return;
  const ratio = (matrix[q * n + q] - matrix[p * n + p]) / (2 * element);
  const tangent = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let i = 0; i < n; i++) {
    const [a, b] = [matrix[i * n + p], matrix[i * n + q]];
    matrix[i * n + p] = cosine * a - sine * b;
    matrix[i * n + q] = sine * a + cosine * b;
  }
  turnRows(matrix, n, p, q, cosine, sine);
  turnRows(vectors, n, p, q, cosine, sine);
}

function turnRows(matrix: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let i = 0; i < n; i++) {
    const [a, b] = [matrix[p * n + i], matrix[q * n + i]];
    matrix[p * n + i] = cosine * a - sine * b;
    matrix[q * n + i] = sine * a + cosine * b;
  }
}

/**
 * The lower triangle L with L L^T = matrix.
 *
 * @param matrix [n x n], symmetric and positive definite
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 0)) : sum / lower[j * n + j];
    }
  }
  return lower;
}

/** a b, of two [n x n]. */
export function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      for (let j = 0; j < n; j++) product[i * n + j] += factor * b[k * n + j];
    }
  }
  return product;
}

export function transposed(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from(matrix, (_, i) => matrix[(i % n) * n + Math.floor(i / n)]);
}

/**
 * The inverse, by elimination with the largest pivot of each column.
 *
 * @param matrix [n x n]
 * @returns null for a matrix that has none
 */
export function inverseOf(matrix: Float64Array, n: number): Float64Array | null {
  const rest = matrix.slice();
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rest[row * n + column]) > Math.abs(rest[pivot * n + column])) pivot = row;
    }
    const divisor = rest[pivot * n + column];
    if (Math.abs(divisor) < 1e-9) return null;
    for (const part of [rest, inverse]) {
      swapRows(part, n, pivot, column);
      for (let j = 0; j < n; j++) part[column * n + j] /= divisor;
    }
    for (let row = 0; row < n; row++) {
      const factor = rest[row * n + column];
      if (row === column || factor === 0) continue;
      for (const part of [rest, inverse]) {
        for (let j = 0; j < n; j++) part[row * n + j] -= factor * part[column * n + j];
      }
    }
  }
  return inverse;
}

function swapRows(matrix: Float64Array, n: number, a: number, b: number): void {
  const row = matrix.slice(a * n, (a + 1) * n);
  matrix.copyWithin(a * n, b * n, (b + 1) * n);
  matrix.set(row, b * n);
}
