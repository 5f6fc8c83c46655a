import { FlashlmError } from '../errors.js';
import { findBrokenInvariant } from '../integer/invariants.js';
import type { IntegerModel } from '../integer/model.js';
import { type ClusterTables, clusterTables, orderRows } from './cluster-tables.js';
import { crc32 } from './crc32.js';
import { fingerprintOf } from './fingerprint.js';
import { fixedPointNumbers } from './fixed-point.js';
import {
  alignUp,
  FORMAT_VERSION,
  HEADER_BYTES,
  type ImageSection,
  MAGIC,
  NAME_BYTES,
  NAME_OFFSET,
  NO_BLOCK,
  type SectionShape,
  sectionShapes,
  TABLE_ENTRY_BYTES,
} from './format.js';
import { bytesOfInt8, bytesOfInt16, bytesOfInt32, writeUint32 } from './little-endian.js';
import { packTernary } from './packing.js';
import { packStage } from './screen-records.js';
import { findVocabularyProblem } from './vocabulary.js';

/**
 * Lays a model out as the bytes of docs/image-format.md. The same model always gives the same bytes.
 *
 * @throws FlashlmError `bad-image` for a model that breaks a limit of docs/arithmetic.md or whose vocabulary is
 *   out of order, `bad-argument` for a name that does not fit the header
 */
export function writeImage(model: IntegerModel): Uint8Array {
  checkModel(model);
  const pieceBytes = model.pieces.reduce((sum, piece) => sum + piece.length, 0);
  const shapes = sectionShapes(model.config, pieceBytes, model.screen?.stages);
  const stored = { model, tables: tablesOf(model) };

  let end = HEADER_BYTES + shapes.length * TABLE_ENTRY_BYTES;
  const placed = shapes.map((shape) => {
    const offset = alignUp(end);
    end = offset + shape.bytes;
    const content = sectionContent(stored, shape);
    return { section: { ...shape, offset, crc: crc32(content) }, content };
  });

  const image = new Uint8Array(alignUp(end));
  for (const { section, content } of placed) {
    image.set(content, section.offset);
  }
  const sections = placed.map(({ section }) => section);
  writeHeader(image, model, sections);
  writeTable(image, sections);
  const headerBytes = HEADER_BYTES + sections.length * TABLE_ENTRY_BYTES;
  writeUint32(image, 12, crc32(image.subarray(0, headerBytes)));
  return image;
}

function checkModel(model: IntegerModel): void {
  const problem =
    findBrokenInvariant(model) ??
    findVocabularyProblem(model.pieces) ??
    (model.pieces.length === model.config.vocabulary
      ? null
      : `the model has ${model.pieces.length} pieces for a vocabulary of ${model.config.vocabulary}`);
  if (problem !== null) {
    throw new FlashlmError(
      'bad-image',
      `No image can be made of this model: ${problem}.`,
      'Export the model again from its checkpoint.',
    );
  }
  const nameBytes = new TextEncoder().encode(model.name);
  if (nameBytes.length >= NAME_BYTES || model.name.includes('\0')) {
    throw new FlashlmError(
      'bad-argument',
      `The model's name does not fit the image's header: it takes ${nameBytes.length} bytes.`,
      `Choose a name of at most ${NAME_BYTES - 1} bytes.`,
    );
  }
}

function writeHeader(image: Uint8Array, model: IntegerModel, sections: ImageSection[]): void {
  const { vocabulary, dimension, blocks, hidden, kernel, memory, clusters } = model.config;
  image.set(MAGIC, 0);
  const fields: [offset: number, value: number][] = [
    [8, FORMAT_VERSION],
    [16, image.length],
    [20, sections.length],
    [24, fingerprintOf(sections)],
    [28, vocabulary],
    [32, dimension],
    [36, blocks],
    [40, hidden],
    [44, kernel],
    [48, model.parameters],
    [52, memory?.heads ?? 0],
    [56, memory?.slots ?? 0],
    [60, clusters ?? 0],
  ];
  for (const [offset, value] of fields) {
    writeUint32(image, offset, value);
  }
  image.set(new TextEncoder().encode(model.name), NAME_OFFSET);
}

function writeTable(image: Uint8Array, sections: ImageSection[]): void {
  for (const [index, section] of sections.entries()) {
    const entry = [
      section.kind,
      section.block === -1 ? NO_BLOCK : section.block,
      section.offset,
      section.bytes,
      section.rows,
      section.columns,
      section.crc,
      0,
    ];
    image.set(bytesOfInt32(entry), HEADER_BYTES + index * TABLE_ENTRY_BYTES);
  }
}

function tablesOf({ config, clusters }: IntegerModel): ClusterTables | null {
  return clusters && clusterTables(clusters.clusterOfToken, config.clusters ?? 0);
}

interface StoredModel {
  model: IntegerModel;
  /** null for a plain softmax */
  tables: ClusterTables | null;
}

/** A section that only models with clusters or a screen have holds nothing in another. */
function sectionContent({ model, tables }: StoredModel, { name, block: index }: SectionShape): Uint8Array {
  const block = model.blocks[index];
  const inOrder = <Rows extends Int8Array | Uint16Array>(rows: Rows): Rows =>
    tables === null ? rows : orderRows(rows, tables.tokenOfRow);
  switch (name) {
    case 'fixed_point':
      return bytesOfInt32(fixedPointNumbers(model));
    case 'piece_offsets':
      return bytesOfInt32(pieceOffsets(model.pieces));
    case 'piece_bytes':
      return Buffer.concat(model.pieces);
    case 'embedding_multiplier':
      return bytesOfInt16(inOrder(model.embeddingMultiplier));
    case 'embedding':
      return bytesOfInt8(inOrder(model.embedding));
    case 'cluster_multiplier':
      return bytesOfInt16(model.clusters?.multiplier ?? []);
    case 'clusters':
      return bytesOfInt8(model.clusters?.weights ?? new Int8Array(0));
    case 'cluster_start':
      return bytesOfInt16(tables?.start ?? []);
    case 'token_of_row':
      return bytesOfInt16(tables?.tokenOfRow ?? []);
    case 'row_of_token':
      return bytesOfInt16(tables?.rowOfToken ?? []);
    case 'screen_numbers':
      return bytesOfInt32(model.screen === null ? [] : [model.screen.fractionBits, model.screen.reachShift]);
    case 'screen_shift':
      return model.screen?.shift ?? new Uint8Array(0);
    case 'screen_transform':
      return bytesOfInt8(model.screen?.transform ?? new Int8Array(0));
    case 'screen_tokens':
      return bytesOfInt16(model.screen?.tokens ?? []);
    case 'screen_stage':
      return model.screen === null ? new Uint8Array(0) : packStage(model.screen.stages[index]);
    case 'norm1':
      return bytesOfInt16(block.norm1);
    case 'mixer_up':
      return packTernary(block.mixerUp);
    case 'convolution':
      return bytesOfInt16(block.taps);
    case 'write_bias':
      return bytesOfInt16(block.writeBias);
    case 'mixer_down':
      return packTernary(block.mixerDown);
    case 'norm2':
      return bytesOfInt16(block.norm2);
    case 'ffn_in':
      return packTernary(block.ffnIn);
    case 'ffn_down':
      return packTernary(block.ffnDown);
    case 'final_norm':
      return bytesOfInt16(model.finalNorm);
  }
}

function pieceOffsets(pieces: Uint8Array[]): number[] {
  const offsets = [0];
  for (const piece of pieces) {
    offsets.push(offsets[offsets.length - 1] + piece.length);
  }
  return offsets;
}
