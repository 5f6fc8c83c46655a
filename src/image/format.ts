import type { ScreenStage } from '../integer/model.js';
import { type ModelConfig, memorySlots, mixerRows } from '../model/config.js';
import { packedBytes } from './packing.js';

/** Constants of docs/image-format.md. */
export const MAGIC = Uint8Array.from('FLASHLM\0', (character) => character.charCodeAt(0));
export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 112;
export const TABLE_ENTRY_BYTES = 32;
export const SECTION_ALIGNMENT = 16;
export const NAME_OFFSET = 64;
export const NAME_BYTES = 48;
/** The table's block number of a section that belongs to no block; as an `ImageSection` it is -1. */
export const NO_BLOCK = 0xffffffff;
/** Numbers of section fixed_point: for the model, for each block, and for clusters. */
export const MODEL_FIXED_POINTS = 6;
export const BLOCK_FIXED_POINTS = 18;
export const CLUSTER_FIXED_POINTS = 2;

export const SECTION_NAMES = {
  1: 'fixed_point',
  2: 'piece_offsets',
  3: 'piece_bytes',
  4: 'embedding_multiplier',
  5: 'embedding',
  6: 'norm1',
  7: 'mixer_up',
  8: 'convolution',
  9: 'mixer_down',
  10: 'norm2',
  11: 'ffn_in',
  12: 'ffn_down',
  13: 'final_norm',
  14: 'write_bias',
  15: 'cluster_multiplier',
  16: 'clusters',
  17: 'cluster_start',
  18: 'token_of_row',
  19: 'row_of_token',
  20: 'screen_numbers',
  21: 'screen_shift',
  22: 'screen_transform',
  23: 'screen_tokens',
  24: 'screen_stage',
} as const;

export type SectionKind = keyof typeof SECTION_NAMES;
export type SectionName = (typeof SECTION_NAMES)[SectionKind];

/** The shape of a section, before it has a place in an image. */
export interface SectionShape {
  kind: SectionKind;
  name: SectionName;
  /** -1 outside blocks; of a screen's stage its number */
  block: number;
  rows: number;
  columns: number;
  bytes: number;
}

/** A section in its place. */
export interface ImageSection extends SectionShape {
  /** From the start of the image; a multiple of 16. */
  offset: number;
  crc: number;
}

export function alignUp(offset: number): number {
  return Math.ceil(offset / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;
}

/** Sections of a screen beside its stages. */
export const SCREEN_SECTIONS = 4;
/** Bytes of a record of a screen behind its codes: scale and reach. */
export const RECORD_TAIL_BYTES = 4;

/** What the section table says about a stage of a screen. */
export type StageShape = Pick<ScreenStage, 'records' | 'columns'>;

/**
 * The sections that an image of this shape has, in order.
 *
 * @param pieceBytes total length of all pieces, in bytes
 * @param stages of the screen; none without one
 */
export function sectionShapes(
  config: Omit<ModelConfig, 'context'>,
  pieceBytes: number,
  stages: StageShape[] = [],
): SectionShape[] {
  const { vocabulary, dimension: d, blocks, hidden, kernel, clusters } = config;
  const slots = memorySlots(config);
  const shapes: SectionShape[] = [];
  const add = (kind: SectionKind, block: number, rows: number, columns: number, elementBytes: number) =>
    shapes.push({
      kind,
      name: SECTION_NAMES[kind],
      block,
      rows,
      columns,
      bytes: rows * columns * elementBytes,
    });
  const addTernary = (kind: SectionKind, block: number, rows: number, columns: number) =>
    shapes.push({ kind, name: SECTION_NAMES[kind], block, rows, columns, bytes: packedBytes(rows, columns) });

  const ofClusters = clusters === undefined ? 0 : CLUSTER_FIXED_POINTS;
  add(1, -1, 1, MODEL_FIXED_POINTS + BLOCK_FIXED_POINTS * blocks + ofClusters, 4);
  add(2, -1, 1, vocabulary + 1, 4);
  add(3, -1, 1, pieceBytes, 1);
  add(4, -1, 1, vocabulary, 2);
  add(5, -1, vocabulary, d, 1);
  if (clusters !== undefined) {
    add(15, -1, 1, clusters, 2);
    add(16, -1, clusters, d, 1);
    add(17, -1, 1, clusters + 1, 2);
    add(18, -1, 1, vocabulary, 2);
    add(19, -1, 1, vocabulary, 2);
  }
  for (let block = 0; block < blocks; block++) {
    add(6, block, 1, d, 2);
    addTernary(7, block, mixerRows(config), d);
    add(8, block, kernel, d, 2);
    if (slots > 0) add(14, block, 1, slots, 2);
    addTernary(9, block, d, d);
    add(10, block, 1, d, 2);
    addTernary(11, block, 2 * hidden, d);
    addTernary(12, block, d, hidden);
  }
  add(13, -1, 1, d, 2);
  if (stages.length > 0) {
    add(20, -1, 1, 2, 4);
    add(21, -1, 1, d, 1);
    add(22, -1, d, d, 1);
    add(23, -1, 1, vocabulary, 2);
    for (const [stage, { records, columns }] of stages.entries()) {
      add(24, stage, records, columns + RECORD_TAIL_BYTES, 1);
    }
  }
  return shapes;
}
