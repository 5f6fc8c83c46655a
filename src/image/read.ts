import { findBrokenInvariant } from '../integer/invariants.js';
import type {
  HeadScreen,
  IntegerBlock,
  IntegerClusters,
  IntegerModel,
  TernaryMatrix,
} from '../integer/model.js';
import { mixerRows } from '../model/config.js';
import { type ClusterTables, clustersOfTables, orderRows } from './cluster-tables.js';
import { crc32 } from './crc32.js';
import { fingerprintOf } from './fingerprint.js';
import { type BlockFixedPoints, type ClusterFixedPoints, parseFixedPointNumbers } from './fixed-point.js';
import {
  HEADER_BYTES,
  type ImageSection,
  RECORD_TAIL_BYTES,
  type SectionName,
  TABLE_ENTRY_BYTES,
} from './format.js';
import { failBadImage, type ImageHeader, parseHeader } from './header.js';
import { int16Of, int32Of, uint16Of, uint32Of } from './little-endian.js';
import { unpackTernary } from './packing.js';
import { unpackStage } from './screen-records.js';
import { findVocabularyProblem } from './vocabulary.js';

/**
 * Reads an image and checks every byte of it: CRCs, dimensions, order of the vocabulary, limits of the arithmetic.
 *
 * @throws FlashlmError `bad-image` with what is damaged
 */
export function readImage(bytes: Uint8Array): IntegerModel {
  const header = parseHeader(bytes);
  checkContent(bytes, header);
  const reader = new SectionReader(bytes, header.sections);
  const { dimension: d, hidden } = header.config;

  const {
    blocks: blockFixedPoints,
    clusters: clusterFixedPoints,
    ...modelFixedPoints
  } = parseFixedPointNumbers(int32Of(reader.bytesOf('fixed_point')), header.config);
  const readBlock = (fixedPoints: BlockFixedPoints, block: number): IntegerBlock => ({
    ...fixedPoints,
    norm1: int16Of(reader.bytesOf('norm1', block)),
    mixerUp: reader.ternary('mixer_up', block, mixerRows(header.config), d),
    taps: int16Of(reader.bytesOf('convolution', block)),
    writeBias:
      header.config.memory === undefined ? new Int16Array(0) : int16Of(reader.bytesOf('write_bias', block)),
    mixerDown: reader.ternary('mixer_down', block, d, d),
    norm2: int16Of(reader.bytesOf('norm2', block)),
    ffnIn: reader.ternary('ffn_in', block, 2 * hidden, d),
    ffnDown: reader.ternary('ffn_down', block, d, hidden),
  });
  const tables = clusterFixedPoints && readClusterTables(reader);
  // Before anything is put in the order of the tables.
  const clusterOfToken = tables && clustersOfTables(tables);
  const byToken = <Rows extends Int8Array | Uint16Array>(rows: Rows): Rows =>
    tables === null ? rows : orderRows(rows, tables.rowOfToken);
  const model: IntegerModel = {
    name: header.name,
    config: header.config,
    parameters: header.parameters,
    pieces: readPieces(uint32Of(reader.bytesOf('piece_offsets')), reader.bytesOf('piece_bytes')),
    ...modelFixedPoints,
    embeddingMultiplier: byToken(uint16Of(reader.bytesOf('embedding_multiplier'))),
    embedding: byToken(Int8Array.from(reader.bytesOf('embedding'))),
    clusters:
      clusterFixedPoints && clusterOfToken && readClusters(reader, clusterFixedPoints, clusterOfToken),
    screen: readScreen(reader, header.sections),
    blocks: blockFixedPoints.map(readBlock),
    finalNorm: int16Of(reader.bytesOf('final_norm')),
  };

  const problem = findVocabularyProblem(model.pieces) ?? findBrokenInvariant(model);
  if (problem !== null) {
    failBadImage(`The image breaks a rule of its format: ${problem}.`);
  }
  return model;
}

/**
 * The section table, in the order in which the chip reads the sections.
 *
 * @throws FlashlmError `bad-image` for a damaged header or table; the sections' bytes are not checked
 */
export function listSections(bytes: Uint8Array): ImageSection[] {
  return parseHeader(bytes).sections;
}

/**
 * The unsigned 32-bit number that names the image's content.
 *
 * @throws FlashlmError `bad-image` for a damaged header or table; the sections' bytes are not checked
 */
export function imageFingerprint(bytes: Uint8Array): number {
  return parseHeader(bytes).fingerprint;
}

function checkContent(bytes: Uint8Array, { sections, fingerprint }: ImageHeader): void {
  let end = HEADER_BYTES + sections.length * TABLE_ENTRY_BYTES;
  for (const section of sections) {
    const content = bytes.subarray(section.offset, section.offset + section.bytes);
    if (crc32(content) !== section.crc) {
      const place = section.block === -1 ? '' : ` of block ${section.block}`;
      failBadImage(`Section ${section.name}${place} is damaged: its CRC does not match.`);
    }
    checkGap(bytes, end, section.offset);
    end = section.offset + section.bytes;
  }
  checkGap(bytes, end, bytes.length);
  if (fingerprintOf(sections) !== fingerprint) {
    failBadImage("The image's fingerprint does not match its sections.");
  }
}

/** Gaps belong to no CRC, so they are held to zero: a flipped bit anywhere is found. */
function checkGap(bytes: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== 0) {
      failBadImage(`The image is damaged at byte ${i}, between two sections.`);
    }
  }
}

function readClusterTables(reader: SectionReader): ClusterTables {
  return {
    start: uint16Of(reader.bytesOf('cluster_start')),
    tokenOfRow: uint16Of(reader.bytesOf('token_of_row')),
    rowOfToken: uint16Of(reader.bytesOf('row_of_token')),
  };
}

function readClusters(
  reader: SectionReader,
  fixedPoints: ClusterFixedPoints,
  clusterOfToken: Uint16Array,
): IntegerClusters {
  return {
    ...fixedPoints,
    clusterOfToken,
    multiplier: uint16Of(reader.bytesOf('cluster_multiplier')),
    weights: Int8Array.from(reader.bytesOf('clusters')),
  };
}

function readScreen(reader: SectionReader, sections: ImageSection[]): HeadScreen | null {
  const stages = sections.filter(({ name }) => name === 'screen_stage');
  if (stages.length === 0) return null;
  const [fractionBits, reachShift] = int32Of(reader.bytesOf('screen_numbers'));
  return {
    fractionBits,
    reachShift,
    shift: Uint8Array.from(reader.bytesOf('screen_shift')),
    transform: Int8Array.from(reader.bytesOf('screen_transform')),
    tokens: uint16Of(reader.bytesOf('screen_tokens')),
    stages: stages.map(({ block, rows, columns }) =>
      unpackStage(reader.bytesOf('screen_stage', block), rows, columns - RECORD_TAIL_BYTES),
    ),
  };
}

function readPieces(offsets: Uint32Array, pieceBytes: Uint8Array): Uint8Array[] {
  const last = offsets[offsets.length - 1];
  if (
    offsets[0] !== 0 ||
    last !== pieceBytes.length ||
    offsets.some((offset, i) => i > 0 && offset < offsets[i - 1])
  ) {
    failBadImage(
      'The image breaks a rule of its format: its piece offsets do not rise to the end of the pieces.',
    );
  }
  return Array.from({ length: offsets.length - 1 }, (_, token) =>
    Uint8Array.from(pieceBytes.subarray(offsets[token], offsets[token + 1])),
  );
}

/** Finds the bytes of a section by its name and block. */
class SectionReader {
  private readonly sections: Map<string, ImageSection>;

  constructor(
    private readonly bytes: Uint8Array,
    sections: ImageSection[],
  ) {
    this.sections = new Map(sections.map((section) => [`${section.name} ${section.block}`, section]));
  }

  bytesOf(name: SectionName, block = -1): Uint8Array {
    const section = this.sections.get(`${name} ${block}`);
    if (section === undefined) {
      return failBadImage(`The image has no section ${name}.`);
    }
    return this.bytes.subarray(section.offset, section.offset + section.bytes);
  }

  ternary(name: SectionName, block: number, rows: number, columns: number): TernaryMatrix {
    const matrix = unpackTernary(this.bytesOf(name, block), rows, columns);
    if (matrix === null) {
      return failBadImage(
        `The image breaks a rule of its format: ${name} of block ${block} holds a code that stands for no weights.`,
      );
    }
    return matrix;
  }
}
