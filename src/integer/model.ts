import type { ModelConfig } from '../model/config.js';

/** Takes an accumulator to its target format; see "fixed-point scale" in docs/arithmetic.md. */
export interface FixedPointScale {
  leftShift: number;
  /** 0..65535 */
  multiplier: number;
  /** May be negative. */
  rightShift: number;
}

/** A matrix of -1, 0 and +1, row by row: `weights[row * columns + column]`. */
export interface TernaryMatrix {
  rows: number;
  columns: number;
  weights: Int8Array;
}

/** One block of the model in the integer arithmetic of docs/arithmetic.md. */
export interface IntegerBlock {
  /** [d] */
  norm1: Int16Array;
  /** [2d + 2m x d]: gate rows, then value rows; with a memory of m slots its read rows and its write rows */
  mixerUp: TernaryMatrix;
  mixerUpScale: FixedPointScale;
  mixerFractionBits: number;
  /** [K x d]; row K-1 meets the newest token */
  taps: Int16Array;
  /** [m], `mixerFractionBits`: of the write gates; empty without a memory */
  writeBias: Int16Array;
  /** [d x d] */
  mixerDown: TernaryMatrix;
  mixerDownScale: FixedPointScale;
  /** [d] */
  norm2: Int16Array;
  /** [2h x d]: gate rows, then up rows */
  ffnIn: TernaryMatrix;
  ffnGateScale: FixedPointScale;
  gateFractionBits: number;
  ffnUpScale: FixedPointScale;
  upFractionBits: number;
  /** [d x h] */
  ffnDown: TernaryMatrix;
  ffnDownScale: FixedPointScale;
}

/** The first level of a two-level softmax. */
export interface IntegerClusters {
  /** [V]: each token's cluster */
  clusterOfToken: Uint16Array;
  /** [C x d]: as the embedding is for tokens */
  weights: Int8Array;
  /** [C] */
  multiplier: Uint16Array;
  headLeftShift: number;
  headRightShift: number;
}

/** One stage of a screen: the next coordinates of the first so many records. */
export interface ScreenStage {
  records: number;
  /** Codes of a record, a multiple of 4. */
  columns: number;
  /** [records x columns], |.| <= 127 */
  codes: Int8Array;
  /** [records]: of the codes */
  scale: Uint16Array;
  /** [records]: the length of all coordinates behind this stage */
  reach: Uint16Array;
}

/** Upper bounds of logits, with which the head leaves out rows: docs/arithmetic.md, section 10. */
export interface HeadScreen {
  /** Of scale times code. */
  fractionBits: number;
  /** How many fraction bits less a reach has. */
  reachShift: number;
  /** [d]: fraction bits of the transform's rows */
  shift: Uint8Array;
  /** [d x d]: from activations to coordinates, row by row */
  transform: Int8Array;
  /** [V]: the token of each record */
  tokens: Uint16Array;
  /** The first has a record for every token. */
  stages: ScreenStage[];
}

/** Everything that an image holds: what the chip computes with. */
export interface IntegerModel {
  name: string;
  /** `context` is not stored in an image; readers fill in the preset's default. */
  config: Omit<ModelConfig, 'context'>;
  /** Parameters of the float model, as people quote them. */
  parameters: number;
  /** Piece of every token id, as bytes; piece 0 is empty. */
  pieces: Uint8Array[];
  squareShift: number;
  epsilon: number;
  embeddingShift: number;
  headLeftShift: number;
  headRightShift: number;
  /** [V] */
  embeddingMultiplier: Uint16Array;
  /** [V x d] */
  embedding: Int8Array;
  /** null for a plain softmax */
  clusters: IntegerClusters | null;
  /** null for a head that reads every row */
  screen: HeadScreen | null;
  blocks: IntegerBlock[];
  /** [d] */
  finalNorm: Int16Array;
}
