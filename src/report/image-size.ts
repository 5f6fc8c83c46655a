import { alignUp, HEADER_BYTES, sectionShapes, TABLE_ENTRY_BYTES } from '../image/format.js';
import type { ModelConfig } from '../model/config.js';
import { plannedStages } from '../quantise/screen/screen.js';
import { FIRST_PIECE_TOKEN } from '../tokenizer/tokenizer.js';

/** What decides the size of a model on a chip. */
export type ModelShape = Omit<ModelConfig, 'context'>;

/**
 * Average length of a learned piece. Vocabularies of 1,024, 4,096 and 10,000 entries learned from stories average
 * 4.1, 5.7 and 6.5 bytes, and a byte more or less changes the image by less than half a percent.
 */
const LEARNED_PIECE_BYTES = 6;
const BYTE_PIECES = 256;

/**
 * Length in bytes of the image that training makes of a model of this shape (docs/image-format.md), with a screen where
 * one is worth it: exact if the length of its vocabulary's pieces is given, else within one percent.
 *
 * @param pieceBytes total length of all pieces, in bytes
 */
export function imageBytesOf(shape: ModelShape, pieceBytes: number = estimatePieceBytes(shape)): number {
  const sections = sectionShapes(shape, pieceBytes, plannedStages(shape));
  const start = HEADER_BYTES + sections.length * TABLE_ENTRY_BYTES;
  return alignUp(sections.reduce((end, { bytes }) => alignUp(end) + bytes, start));
}

function estimatePieceBytes({ vocabulary }: ModelShape): number {
  return BYTE_PIECES + Math.max(0, vocabulary - FIRST_PIECE_TOKEN) * LEARNED_PIECE_BYTES;
}
