import { clusterOrder } from '../model/cluster-order.js';
import { failBadImage } from './header.js';

/** The tables of an image with clusters: where the rows of each cluster lie, and whose they are. */
export interface ClusterTables {
  /** [C + 1] */
  start: Uint16Array;
  /** [V] */
  tokenOfRow: Uint16Array;
  /** [V]: its inverse */
  rowOfToken: Uint16Array;
}

/** @param clusterOfToken [V] */
export function clusterTables(clusterOfToken: Uint16Array, clusters: number): ClusterTables {
  const { start, tokens } = clusterOrder(clusterOfToken, clusters);
  return { start, tokenOfRow: tokens, rowOfToken: inverseOf(tokens) };
}

/**
 * Reads back from the tables what they were made of.
 *
 * @returns the cluster of each token [V]
 * @throws FlashlmError `bad-image` for tables that `clusterTables` does not make
 */
export function clustersOfTables({ start, tokenOfRow, rowOfToken }: ClusterTables): Uint16Array {
  const vocabulary = tokenOfRow.length;
  const clusters = start.length - 1;
  if (
    start[0] !== 0 ||
    start[clusters] !== vocabulary ||
    start.some((row, cluster) => cluster > 0 && row <= start[cluster - 1])
  ) {
    failBadImage('The image breaks a rule of its format: its clusters do not share out all rows.');
  }
  const clusterOfToken = new Uint16Array(vocabulary);
  for (let cluster = 0; cluster < clusters; cluster++) {
    for (let row = start[cluster]; row < start[cluster + 1]; row++) {
      const token = tokenOfRow[row];
      if (rowOfToken[token] !== row) {
        failBadImage(
          `The image breaks a rule of its format: row ${row} is that of token ${token}, which has another row.`,
        );
      }
      if (row > start[cluster] && token <= tokenOfRow[row - 1]) {
        failBadImage(
          `The image breaks a rule of its format: the tokens of cluster ${cluster} are out of order at row ${row}.`,
        );
      }
      clusterOfToken[token] = cluster;
    }
  }
  return clusterOfToken;
}

/**
 * Puts rows in another order: row i of what is returned is row order[i] of `values`.
 *
 * @param values [rows x columns]
 */
export function orderRows<Values extends Int8Array | Uint16Array>(
  values: Values,
  order: Uint16Array,
): Values {
  const columns = values.length / order.length;
  const ordered = values.slice() as Values;
  for (const [row, from] of order.entries()) {
    ordered.set(values.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return ordered;
}

function inverseOf(order: Uint16Array): Uint16Array {
  const inverse = new Uint16Array(order.length);
  for (const [place, value] of order.entries()) inverse[value] = place;
  return inverse;
}
