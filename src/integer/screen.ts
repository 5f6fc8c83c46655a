import { bitLength, fractionMultiply, integerSqrt, roundShift } from './arithmetic.js';
import {
  EMBEDDING_LIMIT,
  LOGIT_LIMIT,
  MAXIMUM_REACH_SHIFT,
  MAXIMUM_SCREEN_COLUMNS,
  MAXIMUM_STAGES,
  MAXIMUM_TRANSFORM_SHIFT,
  RIGHT_SHIFT_LIMIT,
} from './limits.js';
import type { HeadScreen, IntegerModel, ScreenStage } from './model.js';

/** Bits of the magnitude of a coordinate; |y| <= 2^14. */
const COORDINATE_BITS = 14;

/** Codes of a row in all stages. */
export function columnsOf({ stages }: Pick<HeadScreen, 'stages'>): number {
  return stages.reduce((sum, { columns }) => sum + columns, 0);
}

/** The least q with d (2^(14-q) + 1)^2 < 2^32: bits that are dropped from a coordinate before it is squared. */
export function screenSquareShift(dimension: number): number {
  let shift = 0;
  while (dimension * (2 ** (COORDINATE_BITS - shift) + 1) ** 2 >= 2 ** 32) shift++;
  return shift;
}

/** What a screen knows about one step: docs/arithmetic.md, section 10. */
export interface ScreenedStep {
  /** [d] */
  coordinates: Int32Array;
  /** How far they were shifted so that they fit. */
  common: number;
  /** Of each stage: what rounding can take from a sum of codes. */
  slacks: number[];
  /** Of each stage: the length of the coordinates behind it. */
  distances: number[];
}

/** @param activations [d]: those of the head */
export function screenStep(screen: HeadScreen, activations: Int16Array): ScreenedStep {
  const d = activations.length;
  const sums = new Int32Array(d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) sums[i] += screen.transform[i * d + j] * activations[j];
  }
  const largest = sums.reduce((most, sum, i) => Math.max(most, Math.abs(sum) >> screen.shift[i]), 0);
  const common = Math.max(0, bitLength(largest) - COORDINATE_BITS);
  const coordinates = sums.map((sum, i) => roundShift(sum, screen.shift[i] + common));
  const squareShift = screenSquareShift(d);
  const slacks: number[] = [];
  const distances: number[] = [];
  let end = 0;
  for (const { columns } of screen.stages) {
    const own = coordinates.subarray(end, end + columns);
    slacks.push(Math.ceil(own.reduce((sum, y) => sum + Math.abs(y) + 128, 0) / 2));
    end += columns;
    const squares = coordinates
      .subarray(end)
      .reduce((sum, y) => (sum + ((Math.abs(y) >> squareShift) + 1) ** 2) >>> 0, 0);
    distances.push((integerSqrt(squares) + 1) * 2 ** (squareShift + screen.reachShift));
  }
  return { coordinates, common, slacks, distances };
}

/** The bound of a record's logit, from as many stages as `last` says or as the record has, in units of its own. */
export function boundOf(screen: HeadScreen, step: ScreenedStep, record: number, last: number): number {
  let sum = 0;
  let reach = 0;
  let end = 0;
  for (const [number, stage] of screen.stages.entries()) {
    if (number > last || record >= stage.records) break;
    sum += fractionMultiply(codeSum(stage, step, record, end) + step.slacks[number], stage.scale[record]);
    reach = fractionMultiply(step.distances[number], stage.reach[record]);
    end += stage.columns;
  }
  return sum + reach;
}

function codeSum({ codes, columns }: ScreenStage, step: ScreenedStep, record: number, first: number): number {
  let sum = 0;
  for (let i = 0; i < columns; i++) sum += codes[record * columns + i] * step.coordinates[first + i];
  return sum;
}

/**
 * The bound below which a row's logit is below `least`.
 *
 * @param exponent of the head's activations
 * @returns may be infinite, where 32 bits would not hold it
 */
export function screenThreshold(
  model: Pick<IntegerModel, 'headLeftShift' | 'headRightShift'>,
  screen: HeadScreen,
  { common }: ScreenedStep,
  exponent: number,
  least: number,
): number {
  if (least <= -LOGIT_LIMIT) return Number.NEGATIVE_INFINITY;
  const shift = common + exponent + model.headLeftShift - model.headRightShift - screen.fractionBits;
  // Not 0 / 0 where the power underflows.
  const scaled = least === 1 ? 0 : (least - 1) / 2 ** shift;
  return Math.floor(scaled) - (screen.stages.length + 1);
}

/**
 * Checks what section 10 takes for granted so that nothing overflows and no record lies outside the image.
 *
 * @returns what is wrong as a clause, or null
 */
export function findScreenProblem({ config, clusters, screen }: IntegerModel): string | null {
  if (screen === null) return null;
  const { vocabulary, dimension: d } = config;
  if (clusters !== null) return 'a model with clusters has a screen';
  if (
    screen.shift.length !== d ||
    screen.transform.length !== d * d ||
    screen.tokens.length !== vocabulary ||
    screen.stages.length < 1 ||
    screen.stages.length > MAXIMUM_STAGES
  ) {
    return 'the screen does not have the shape of the model';
  }
  if (!Number.isInteger(screen.fractionBits) || Math.abs(screen.fractionBits) > RIGHT_SHIFT_LIMIT) {
    return `the screen has ${screen.fractionBits} fraction bits, which is out of range`;
  }
  if (
    !Number.isInteger(screen.reachShift) ||
    screen.reachShift < 0 ||
    screen.reachShift > MAXIMUM_REACH_SHIFT
  ) {
    return `the screen has the reach shift ${screen.reachShift}, which is out of range`;
  }
  if (screen.shift.some((shift) => shift > MAXIMUM_TRANSFORM_SHIFT)) {
    return 'a shift of the screen is out of range';
  }
  return checkTokens(screen.tokens) ?? checkStages(screen, vocabulary, d);
}

/** Each token has one record. */
function checkTokens(tokens: Uint16Array): string | null {
  const seen = new Uint8Array(tokens.length);
  for (const token of tokens) {
    if (token >= tokens.length || seen[token] === 1) {
      return `the screen has no record, or two, of a token: ${token} is wrong`;
    }
    seen[token] = 1;
  }
  return null;
}

function checkStages(screen: HeadScreen, vocabulary: number, dimension: number): string | null {
  if (columnsOf(screen) > Math.min(dimension, MAXIMUM_SCREEN_COLUMNS)) {
    return `the screen has ${columnsOf(screen)} codes for a row`;
  }
  for (const [number, { records, columns, codes, scale, reach }] of screen.stages.entries()) {
    const most = number === 0 ? vocabulary : screen.stages[number - 1].records;
    const least = number === 0 ? vocabulary : 1;
    if (!Number.isInteger(records) || records > most || records < least) {
      return `stage ${number} of the screen has ${records} records`;
    }
    if (!Number.isInteger(columns) || columns < 4 || columns % 4 !== 0) {
      return `stage ${number} of the screen has ${columns} codes in a record`;
    }
    if (codes.length !== records * columns || scale.length !== records || reach.length !== records) {
      return `stage ${number} of the screen does not have its shape`;
    }
    if (codes.some((code) => code < -EMBEDDING_LIMIT)) {
      return `stage ${number} of the screen holds a code below -${EMBEDDING_LIMIT}`;
    }
  }
  return checkTransform(screen.transform);
}

function checkTransform(transform: Int8Array): string | null {
  return transform.some((weight) => weight < -EMBEDDING_LIMIT)
    ? `the screen's transform holds a weight below -${EMBEDDING_LIMIT}`
    : null;
}
