/** The sizes that the matrices of a model have, each once: what a kernel is generated for. */
export interface MatrixSizes {
  rows: number[];
  columns: number[];
}

/** docs/image-format.md, "Packed ternary". */
export const COLUMNS_OF_A_GROUP = 5;
export const GROUPS_OF_A_QUAD = 4;

/** Two bytes for each of the 252 entries. */
export const TABLE_BYTES = 504;

/** A table is extended from 14 pairs of entries. */
const PAIRS_OF_THREE_COLUMNS = 14;
/** A Cortex-M0+ stores at most 31 words from an address in a register; the pairs that belong together lie up to 28 apart. */
const PAIRS_WITHIN_REACH = 4;
/** Other chips reach the whole table; seven sums, the pointer and two steps suit the registers of all. */
const PAIRS_IN_REGISTERS = 7;

/**
 * Columns of matrices and of the halves that two cores make of each, as firmware/core/two_cores.c does: whole quads,
 * the odd and the incomplete one for the second core.
 */
export function withHalves(columns: number[]): number[] {
  const quadColumns = COLUMNS_OF_A_GROUP * GROUPS_OF_A_QUAD;
  const halves = columns.flatMap((all) => {
    const first = Math.floor(Math.ceil(all / quadColumns) / 2) * quadColumns;
    return [all, first, all - first];
  });
  return [...new Set(halves)].filter((count) => count > 0);
}

/** What the template shared_partial_sums needs to visit the rows once for so many quads of columns. */
export function contextOfPasses(sizes: MatrixSizes, quadsOfAPass: number) {
  const groupsOfAPass = quadsOfAPass * GROUPS_OF_A_QUAD;
  const rests = sizes.columns.map((columns) => Math.ceil(columns / COLUMNS_OF_A_GROUP) % groupsOfAPass);
  const distinctRests = [...new Set(rests)].filter((groups) => groups > 0).sort((a, b) => b - a);
  return {
    ...contextOfRows(sizes),
    groupsOfAPass,
    turns: turnsOf(PAIRS_OF_THREE_COLUMNS, quadsOfAPass === 1 ? PAIRS_WITHIN_REACH : PAIRS_IN_REGISTERS),
    weightsOfTheFifth: upTo(3),
    passes: [groupsOfAPass, ...distinctRests].map((groups) => ({
      ...passOf(groups),
      whole: groups === groupsOfAPass,
    })),
  };
}

/** How many rows are visited in one turn of a loop: as many as divide all matrices. */
export function contextOfRows({ rows }: MatrixSizes) {
  const rowsOfATurn = [8, 4, 2, 1].find((count) => rows.every((all) => all % count === 0)) ?? 1;
  return { rowsOfATurn: upTo(rowsOfATurn), words: { rowsOfATurn: NUMBERS_IN_WORDS.get(rowsOfATurn) } };
}

const NUMBERS_IN_WORDS = new Map([
  [1, 'one'],
  [2, 'two'],
  [4, 'four'],
  [8, 'eight'],
]);

/** A pass over the rows that adds so many groups of columns; the last of its quads may be incomplete. */
function passOf(groups: number) {
  const quads = Math.ceil(groups / GROUPS_OF_A_QUAD);
  return {
    groups,
    quads,
    tables: upTo(groups),
    laterQuads: upTo(quads)
      .slice(1)
      .map((quad) => ({ quad, before: quad - 1 })),
    lookups: upTo(groups).map((table) => ({
      table,
      quad: Math.floor(table / GROUPS_OF_A_QUAD),
      group: table % GROUPS_OF_A_QUAD,
    })),
  };
}

/** The pairs of entries that are extended together, in turns of at most so many. */
function turnsOf(pairs: number, most: number): { pairs: number[] }[] {
  const turns = Math.ceil(pairs / most);
  return upTo(turns).map((turn) => ({ pairs: upTo(Math.min(most, pairs - turn * most)) }));
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
