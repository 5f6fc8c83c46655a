import type { StageShape } from '../../image/format.js';
import { EMBEDDING_LIMIT, MAXIMUM_REACH_SHIFT, MAXIMUM_SCREEN_COLUMNS } from '../../integer/limits.js';
import type { HeadScreen, IntegerModel, ScreenStage } from '../../integer/model.js';
import { balancedCoordinates, type Coordinates, momentsOf } from './coordinates.js';
import { toldActivations } from './told-activations.js';

/** With fewer tokens, the transform alone takes a good part of what the head does. */
const LEAST_VOCABULARY = 2000;
/** Eigenvalues take d^3 steps many times over. */
const LARGEST_DIMENSION = 512;

const FIRST_COLUMNS = 4;
/** Columns of the later stages, as parts of d, and their records, as parts of V: the longest rows alone get so far. */
const LATER_STAGES = [
  { columns: 1 / 6, records: 0.45 },
  { columns: 1 / 3, records: 0.4 },
];

const LARGEST_SHORT = 65535;

/**
 * The model with a screen of its head, where one is worth its flash: a single softmax over many tokens.
 *
 * @returns the same model where it is not
 */
export function withScreen(model: IntegerModel): IntegerModel {
  return plannedStages(model.config).length === 0 ? model : { ...model, screen: makeScreen(model) };
}

/** The stages of the screen that `withScreen` gives a model of this shape; none where it gives it none. */
export function plannedStages({ vocabulary, dimension, clusters }: IntegerModel['config']): StageShape[] {
  return clusters !== undefined || vocabulary < LEAST_VOCABULARY || dimension > LARGEST_DIMENSION
    ? []
    : planStages(vocabulary, dimension);
}

/**
 * Codes and lengths of all rows, in coordinates that suit the stories that the model tells: docs/arithmetic.md, section
 * 10. Whatever the coordinates are, the bounds hold; only how many rows they leave out depends on them.
 *
 * @param model without clusters
 * @returns null where no coordinates were found
 */
export function makeScreen(model: IntegerModel): HeadScreen | null {
  const { dimension: d } = model.config;
  const coordinates = balancedCoordinates(
    momentsOf(rowsOf(model), d),
    momentsOf(toldActivations(model), d),
    d,
  );
  return coordinates && encodeRows(model, coordinates);
}

function* rowsOf({ config, embedding, embeddingMultiplier }: IntegerModel): Generator<Float64Array> {
  const { vocabulary, dimension: d } = config;
  for (let token = 0; token < vocabulary; token++) {
    const row = embedding.subarray(token * d, (token + 1) * d);
    yield Float64Array.from(row, (weight) => weight * embeddingMultiplier[token]);
  }
}

/** Where stage after stage ends, in columns, and how many records it has. */
function planStages(vocabulary: number, d: number): StageShape[] {
  const stages = [{ columns: FIRST_COLUMNS, records: vocabulary }];
  let left = Math.min(d, MAXIMUM_SCREEN_COLUMNS) - FIRST_COLUMNS;
  for (const { columns: part, records } of LATER_STAGES) {
    const columns = Math.min(4 * Math.max(1, Math.round((d * part) / 4)), left - (left % 4));
    if (columns === 0) break;
    stages.push({ columns, records: Math.ceil(vocabulary * records) });
    left -= columns;
  }
  return stages;
}

function encodeRows(model: IntegerModel, { transform, shift, ofRows }: Coordinates): HeadScreen {
  const { vocabulary, dimension: d } = model.config;
  const rows = Array.from(rowsOf(model), (row) => coordinatesOf(row, ofRows));
  const lengths = Float64Array.from(rows, (row) => lengthBehind(row, FIRST_COLUMNS));
  const tokens = Uint16Array.from({ length: vocabulary }, (_, token) => token).sort(
    (a, b) => lengths[b] - lengths[a] || a - b,
  );
  const { fractionBits, reachShift } = chooseFormats(rows, lengths);
  const stages: ScreenStage[] = [];
  let first = 0;
  for (const { columns, records } of planStages(vocabulary, d)) {
    const recordRows = Array.from(tokens.subarray(0, records), (token) => rows[token]);
    stages.push(encodeStage(recordRows, first, columns, { fractionBits, reachShift }));
    first += columns;
  }
  return { fractionBits, reachShift, shift, transform, tokens, stages };
}

function coordinatesOf(row: Float64Array, ofRows: Float64Array): Float64Array {
  const d = row.length;
  const coordinates = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const weight = row[j];
    for (let i = 0; i < d; i++) coordinates[i] += weight * ofRows[j * d + i];
  }
  return coordinates;
}

function lengthBehind(row: Float64Array, end: number): number {
  let squares = 0;
  for (let i = end; i < row.length; i++) squares += row[i] * row[i];
  return Math.sqrt(squares);
}

type Formats = Pick<HeadScreen, 'fractionBits' | 'reachShift'>;

/** As many fraction bits as scales and reaches of 16 bits allow. */
function chooseFormats(rows: Float64Array[], lengths: Float64Array): Formats {
  const largest = rows.reduce((most, row) => row.reduce((m, value) => Math.max(m, Math.abs(value)), most), 0);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (largest === 0) return { fractionBits: 0, reachShift: 0 };
  const bitsOfScale = Math.floor(Math.log2((LARGEST_SHORT * EMBEDDING_LIMIT) / largest));
  // Two less than the largest: a reach is rounded up and gets one more.
  const bitsOfReach = longest === 0 ? bitsOfScale : Math.floor(Math.log2((LARGEST_SHORT - 2) / longest));
  const fractionBits = Math.min(bitsOfScale, bitsOfReach + MAXIMUM_REACH_SHIFT);
  return { fractionBits, reachShift: fractionBits - Math.min(fractionBits, bitsOfReach) };
}

/**
 * A scale is rounded up, so that codes stay within 127 and each is at most half a step from its coordinate. A reach is
 * rounded up and gets one more, which is far more than doubles can have lost.
 */
function encodeStage(
  rows: Float64Array[],
  first: number,
  columns: number,
  { fractionBits, reachShift }: Formats,
): ScreenStage {
  const codes = new Int8Array(rows.length * columns);
  const scale = new Uint16Array(rows.length);
  const reach = new Uint16Array(rows.length);
  for (const [record, row] of rows.entries()) {
    const own = row.subarray(first, first + columns);
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scale[record] = Math.ceil((largest * 2 ** fractionBits) / EMBEDDING_LIMIT);
    const step = scale[record] / 2 ** fractionBits;
    for (const [i, value] of own.entries()) {
      codes[record * columns + i] = step === 0 ? 0 : Math.round(value / step);
    }
    reach[record] = Math.ceil(lengthBehind(row, first + columns) * 2 ** (fractionBits - reachShift)) + 1;
  }
  return { records: rows.length, columns, codes, scale, reach };
}
