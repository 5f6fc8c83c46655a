import { largestNonzeroCount } from '../../src/integer/invariants.js';
import type {
  FixedPointScale,
  IntegerBlock,
  IntegerClusters,
  IntegerModel,
  TernaryMatrix,
} from '../../src/integer/model.js';
import { normConstants } from '../../src/integer/norm-constants.js';
import { type ModelConfig, memorySlots, mixerRows } from '../../src/model/config.js';

/** A reproducible source of random integers (the mulberry32 generator). */
export class RandomNumbers {
  constructor(private state: number) {}

  /** 0 <= number < 1 */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** least <= number <= largest */
  integer(least: number, largest: number): number {
    return least + Math.floor(this.fraction() * (largest - least + 1));
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }
}

export const SMALL_CONFIG: Omit<ModelConfig, 'context'> = {
  vocabulary: 263,
  dimension: 12,
  blocks: 2,
  hidden: 22,
  kernel: 3,
};

/** End-of-story, the bytes, and as many two-byte pieces as the vocabulary asks for, in order. */
export function makePieces(vocabulary: number): Uint8Array[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const learned = Array.from({ length: Math.max(0, vocabulary - 257) }, (_, i) =>
    Uint8Array.of(97 + Math.floor(i / 256), i % 256),
  );
  return [new Uint8Array(0), ...bytes, ...learned].slice(0, vocabulary);
}

/**
 * A model of random weights within the limits of docs/arithmetic.md. With `extreme`, every number is as large as
 * its limit allows and the shifts saturate what they can.
 */
export function makeRandomModel(
  config: Omit<ModelConfig, 'context'>,
  seed: number,
  { extreme = false } = {},
): IntegerModel {
  const random = new RandomNumbers(seed);
  const { vocabulary, dimension: d, blocks, hidden, kernel, memory } = config;

  const norm = () =>
    Int16Array.from({ length: d }, () =>
      extreme ? 32000 * (random.integer(0, 1) * 2 - 1) : random.integer(-32000, 32000),
    );
  const matrix = (rows: number, columns: number): TernaryMatrix => ({
    rows,
    columns,
    weights: Int8Array.from({ length: rows * columns }, () =>
      extreme ? random.integer(0, 1) * 2 - 1 : random.integer(-1, 1),
    ),
  });
  const leftShift = (rowSum: number) => Math.floor(Math.log2(2 ** 30 / (4096 * rowSum)));
  const scale = ({ weights, columns, rows }: TernaryMatrix, shift: number): FixedPointScale => ({
    leftShift: leftShift(Math.max(1, largestNonzeroCount({ weights, columns, rows }))),
    multiplier: extreme ? 65535 : random.integer(32768, 65535),
    rightShift: extreme ? random.integer(-20, 20) : shift + random.integer(-2, 2),
  });
  const taps = () => {
    const values = new Int16Array(kernel * d);
    const largest = Math.floor(32767 / kernel);
    for (let i = 0; i < values.length; i++) {
      values[i] = extreme ? largest * (random.integer(0, 1) * 2 - 1) : random.integer(-largest, largest);
    }
    return values;
  };
  // Slots that remember for a few tokens to a few hundred, unless the writes themselves are larger.
  const writeBias = (fractionBits: number) =>
    Int16Array.from({ length: memorySlots(config) }, () =>
      extreme
        ? 32767 * random.integer(-1, 1)
        : Math.max(-32768, random.integer(-6 * 2 ** fractionBits, 2 ** fractionBits)),
    );
  const block = (): IntegerBlock => {
    const mixerUp = matrix(mixerRows(config), d);
    const mixerDown = matrix(d, d);
    const ffnIn = matrix(2 * hidden, d);
    const ffnDown = matrix(d, hidden);
    const norm1 = norm();
    const mixerUpScale = scale(mixerUp, 32);
    const mixerFractionBits = random.integer(4, 14);
    // What comes out of a memory has fewer fraction bits than what goes in.
    const lost = memory === undefined ? 0 : 16 - mixerFractionBits + Math.ceil(Math.log2(memory.slots));
    return {
      norm1,
      mixerUp,
      mixerUpScale,
      mixerFractionBits,
      taps: taps(),
      writeBias: writeBias(mixerFractionBits),
      mixerDown,
      mixerDownScale: scale(mixerDown, 26 - lost),
      norm2: norm(),
      ffnIn,
      ffnGateScale: scale(ffnIn, 32),
      gateFractionBits: random.integer(4, 14),
      ffnUpScale: scale(ffnIn, 32),
      upFractionBits: random.integer(0, 14),
      ffnDown,
      ffnDownScale: scale(ffnDown, 26),
    };
  };
  const rows = (count: number) =>
    Int8Array.from({ length: count * d }, () =>
      extreme ? 127 * (random.integer(0, 1) * 2 - 1) : random.integer(-127, 127),
    );
  const multipliers = (count: number) =>
    Uint16Array.from({ length: count }, () => (extreme ? 65535 : random.integer(0, 65535)));
  const headRightShift = () => (extreme ? random.integer(-10, 40) : random.integer(20, 30));
  const clustersOf = (count: number): IntegerClusters => ({
    // The first tokens leave no cluster empty.
    clusterOfToken: Uint16Array.from({ length: vocabulary }, (_, token) =>
      token < count ? count - 1 - token : random.integer(0, count - 1),
    ),
    weights: rows(count),
    multiplier: multipliers(count),
    headLeftShift: leftShift(127 * d),
    headRightShift: headRightShift(),
  });
  const embedding = rows(vocabulary);
  return {
    name: `random ${seed}`,
    config,
    parameters: 12345,
    pieces: makePieces(vocabulary),
    ...normConstants(d),
    embeddingShift: extreme ? random.integer(-20, 4) : random.integer(0, 8),
    headLeftShift: leftShift(127 * d),
    headRightShift: headRightShift(),
    embeddingMultiplier: multipliers(vocabulary),
    embedding,
    blocks: Array.from({ length: blocks }, block),
    finalNorm: norm(),
    clusters: config.clusters === undefined ? null : clustersOf(config.clusters),
    screen: null,
  };
}
