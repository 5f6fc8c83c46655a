import type { TernaryMatrix } from '../integer/model.js';

const GROUP_COLUMNS = 5;
const QUAD_GROUPS = 4;
const QUAD_COLUMNS = GROUP_COLUMNS * QUAD_GROUPS;
/** What a weight of each position within a group adds to the code, for a weight one larger. */
const PLACE_VALUES = [1, 3, 9, 28, 84];

/** The five weights of each code; null for a byte that stands for no weights. */
const WEIGHTS_OF_CODE: readonly (Int8Array | null)[] = Array.from({ length: 256 }, (_, code) => {
  const high = Math.floor(code / 84);
  const middle = Math.floor((code % 84) / 28);
  const low = (code % 84) % 28;
  if (high > 2 || low > 26) {
    return null;
  }
  return Int8Array.of(
    (low % 3) - 1,
    (Math.floor(low / 3) % 3) - 1,
    Math.floor(low / 9) - 1,
    middle - 1,
    high - 1,
  );
});

function quadCount(columns: number): number {
  return Math.ceil(columns / QUAD_COLUMNS);
}

/** Bytes that a packed ternary matrix takes. */
export function packedBytes(rows: number, columns: number): number {
  return quadCount(columns) * rows * QUAD_GROUPS;
}

/**
 * Packs five weights a byte, in the order [quad][row][group of the quad] of docs/image-format.md.
 * Columns beyond the last are zero weights.
 */
export function packTernary({ rows, columns, weights }: TernaryMatrix): Uint8Array {
  const packed = new Uint8Array(packedBytes(rows, columns));
  let position = 0;
  for (let quad = 0; quad < quadCount(columns); quad++) {
    for (let row = 0; row < rows; row++) {
      for (let group = 0; group < QUAD_GROUPS; group++) {
        const firstColumn = quad * QUAD_COLUMNS + group * GROUP_COLUMNS;
        let code = 0;
        for (let i = 0; i < GROUP_COLUMNS; i++) {
          const column = firstColumn + i;
          const weight = column < columns ? weights[row * columns + column] : 0;
          code += (weight + 1) * PLACE_VALUES[i];
        }
        packed[position++] = code;
      }
    }
  }
  return packed;
}

/**
 * Unpacks what `packTernary` packed.
 *
 * @returns the matrix, or null where a byte stands for no weights or a padding column is not zero
 */
export function unpackTernary(packed: Uint8Array, rows: number, columns: number): TernaryMatrix | null {
  const weights = new Int8Array(rows * columns);
  let position = 0;
  for (let quad = 0; quad < quadCount(columns); quad++) {
    for (let row = 0; row < rows; row++) {
      for (let group = 0; group < QUAD_GROUPS; group++) {
        const five = WEIGHTS_OF_CODE[packed[position++]];
        if (five === null) {
          return null;
        }
        const firstColumn = quad * QUAD_COLUMNS + group * GROUP_COLUMNS;
        for (let i = 0; i < GROUP_COLUMNS; i++) {
          const column = firstColumn + i;
          if (column < columns) {
            weights[row * columns + column] = five[i];
          } else if (five[i] !== 0) {
            return null;
          }
        }
      }
    }
  }
  return { rows, columns, weights };
}
