import { EMBEDDING_LIMIT, MAXIMUM_TRANSFORM_SHIFT } from '../../integer/limits.js';
import type { HeadScreen } from '../../integer/model.js';
import { cholesky, inverseOf, multiply, symmetricEigen, transposed } from './matrices.js';

/** Added to the moments, against their mean: directions that nothing was seen in keep a length. */
const RELATIVE_FLOOR = 0.003;

export interface Coordinates extends Pick<HeadScreen, 'transform' | 'shift'> {
  /** [d x d]: a row of the embedding, times this, is its coordinates */
  ofRows: Float64Array;
}

/**
 * Coordinates in which rows and activations have the same second moments, falling from the first coordinate to the
 * last. A bound that multiplies lengths is tightest in such coordinates, and they gather in the first ones as much of
 * the products as can be.
 *
 * With S = L L^T the moments of the rows and M those of the activations, L^T M L = U^T D^2 U; the coordinates of
 * activations are y = D^-1/2 U L^T x.
 *
 * @param rows moments [d x d]
 * @param activations moments [d x d]
 * @returns null where the integers nearest to the transform have no inverse
 */
export function balancedCoordinates(
  rows: Float64Array,
  activations: Float64Array,
  d: number,
): Coordinates | null {
  const lower = cholesky(withFloor(rows, d), d);
  const upper = transposed(lower, d);
  const { values, vectors } = symmetricEigen(
    multiply(multiply(upper, withFloor(activations, d), d), lower, d),
    d,
  );
  const exact = multiply(vectors, upper, d).map(
    (element, i) => element / Math.sqrt(Math.sqrt(values[Math.floor(i / d)])),
  );
  return roundTransform(exact, d);
}

/** Second moments of vectors, each divided by its length. */
export function momentsOf(vectors: Iterable<ArrayLike<number>>, d: number): Float64Array {
  const moments = new Float64Array(d * d);
  for (const vector of vectors) {
    let squares = 0;
    for (let i = 0; i < d; i++) squares += vector[i] * vector[i];
    if (squares === 0) continue;
    for (let i = 0; i < d; i++) {
      const factor = vector[i] / squares;
      for (let j = 0; j < d; j++) moments[i * d + j] += factor * vector[j];
    }
  }
  return moments;
}

function withFloor(moments: Float64Array, d: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < d; i++) trace += moments[i * d + i];
  const floor = trace === 0 ? 1 : (trace / d) * RELATIVE_FLOOR;
  return moments.map((moment, i) => (i % (d + 1) === 0 ? moment + floor : moment));
}

/** Eight bits, with a power of two for each row; the largest row has none. */
function roundTransform(exact: Float64Array, d: number): Coordinates | null {
  const largest = Array.from({ length: d }, (_, i) =>
    exact.subarray(i * d, (i + 1) * d).reduce((most, element) => Math.max(most, Math.abs(element)), 0),
  );
  const unit = EMBEDDING_LIMIT / Math.max(...largest);
  const shift = Uint8Array.from(largest, (most) => {
    let bits = 0;
    while (bits < MAXIMUM_TRANSFORM_SHIFT && most * unit * 2 ** (bits + 1) <= EMBEDDING_LIMIT) bits++;
    return bits;
  });
  const transform = Int8Array.from(exact, (element, i) =>
    Math.round(element * unit * 2 ** shift[Math.floor(i / d)]),
  );
  const inverse = inverseOf(Float64Array.from(transform), d);
  if (inverse === null) return null;
  return { transform, shift, ofRows: inverse.map((element, i) => element * 2 ** shift[i % d]) };
}
