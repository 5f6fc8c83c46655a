import { FlashlmError } from '../errors.js';
import { MAXIMUM_STAGES } from '../integer/limits.js';
import type { IntegerModel } from '../integer/model.js';
import { findShapeProblem, modelConfigSchema } from '../model/config.js';
import { SMALLEST_VOCABULARY } from '../tokenizer/tokenizer.js';
import { crc32 } from './crc32.js';
import {
  alignUp,
  FORMAT_VERSION,
  HEADER_BYTES,
  type ImageSection,
  MAGIC,
  NAME_BYTES,
  NAME_OFFSET,
  NO_BLOCK,
  RECORD_TAIL_BYTES,
  SCREEN_SECTIONS,
  type SectionKind,
  type StageShape,
  sectionShapes,
  TABLE_ENTRY_BYTES,
} from './format.js';
import { readUint32, uint32Of } from './little-endian.js';

const imageShapeSchema = modelConfigSchema.omit({ context: true });
/** More sections than the largest model has; a count beyond it is damage, not truncation. */
const MAXIMUM_SECTIONS = 11 + 8 * 64 + SCREEN_SECTIONS + MAXIMUM_STAGES;

const FIRST_SCREEN_KIND: SectionKind = 20;

export interface ImageHeader {
  name: string;
  config: IntegerModel['config'];
  parameters: number;
  imageBytes: number;
  fingerprint: number;
  sections: ImageSection[];
}

/** @throws always: FlashlmError `bad-image` */
export function failBadImage(what: string): never {
  throw new FlashlmError('bad-image', what, 'Copy or export the image again.');
}

/**
 * Reads header and section table, and checks them: everything but the bytes of the sections.
 *
 * @throws FlashlmError `bad-image`
 */
export function parseHeader(bytes: Uint8Array): ImageHeader {
  checkBeginning(bytes);
  const sectionCount = readUint32(bytes, 20);
  const tableEnd = HEADER_BYTES + sectionCount * TABLE_ENTRY_BYTES;
  if (sectionCount > MAXIMUM_SECTIONS) {
    failBadImage(`The image's header is damaged: it claims ${sectionCount} sections.`);
  }
  if (tableEnd > bytes.length) {
    failBadImage(`The image is truncated: ${bytes.length} bytes, and its section table ends at ${tableEnd}.`);
  }
  if (headerCrc(bytes.subarray(0, tableEnd)) !== readUint32(bytes, 12)) {
    failBadImage("The image's header is damaged: its CRC does not match.");
  }
  const imageBytes = readUint32(bytes, 16);
  if (bytes.length < imageBytes) {
    failBadImage(`The image is truncated: ${bytes.length} bytes of ${imageBytes}.`);
  }
  if (bytes.length > imageBytes) {
    failBadImage(`The image has ${bytes.length - imageBytes} bytes after its end.`);
  }
  const config = parseShape(bytes);
  return {
    name: parseName(bytes),
    config,
    parameters: readUint32(bytes, 48),
    imageBytes,
    fingerprint: readUint32(bytes, 24),
    sections: parseTable(bytes, config, sectionCount),
  };
}

function checkBeginning(bytes: Uint8Array): void {
  const shared = Math.min(bytes.length, MAGIC.length);
  if (shared === 0 || Buffer.compare(bytes.subarray(0, shared), MAGIC.subarray(0, shared)) !== 0) {
    failBadImage('This is not a flashlm image: it does not begin with FLASHLM.');
  }
  if (bytes.length < HEADER_BYTES) {
    failBadImage(`The image is truncated: ${bytes.length} bytes, and the header alone has ${HEADER_BYTES}.`);
  }
  const version = readUint32(bytes, 8);
  if (version !== FORMAT_VERSION) {
    throw new FlashlmError(
      'bad-image',
      `The image has format version ${version}; this flashlm-mcu reads version ${FORMAT_VERSION}.`,
      'Export the model again with this flashlm-mcu, or use the one that wrote the image.',
    );
  }
}

function headerCrc(headerAndTable: Uint8Array): number {
  // Not slice(): a Buffer's slice shares its memory.
  const copy = Uint8Array.from(headerAndTable);
  copy.fill(0, 12, 16);
  return crc32(copy);
}

function parseShape(bytes: Uint8Array): IntegerModel['config'] {
  const parsed = imageShapeSchema.safeParse({
    vocabulary: readUint32(bytes, 28),
    dimension: readUint32(bytes, 32),
    blocks: readUint32(bytes, 36),
    hidden: readUint32(bytes, 40),
    kernel: readUint32(bytes, 44),
    ...parseMemory(readUint32(bytes, 52), readUint32(bytes, 56)),
    ...parseClusters(readUint32(bytes, 60)),
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    failBadImage(`The image has impossible dimensions: ${issue.path.join('.')}: ${issue.message}.`);
  }
  if (parsed.data.vocabulary < SMALLEST_VOCABULARY) {
    failBadImage(
      `The image has impossible dimensions: a vocabulary of ${parsed.data.vocabulary} does not hold the bytes.`,
    );
  }
  const problem = findShapeProblem(parsed.data);
  if (problem !== null) {
    failBadImage(`The image has impossible dimensions: ${problem}.`);
  }
  return parsed.data;
}

/** One of both alone is no memory, and the schema says so. */
function parseMemory(heads: number, slots: number): Record<string, unknown> {
  return heads === 0 && slots === 0 ? {} : { memory: { heads, slots } };
}

function parseClusters(clusters: number): Record<string, unknown> {
  return clusters === 0 ? {} : { clusters };
}

function parseName(bytes: Uint8Array): string {
  const field = bytes.subarray(NAME_OFFSET, NAME_OFFSET + NAME_BYTES);
  const end = field.indexOf(0);
  if (end === -1 || field.subarray(end).some((byte) => byte !== 0)) {
    failBadImage("The image's header is damaged: the name is not padded with zeros.");
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(field.subarray(0, end));
  } catch {
    return failBadImage("The image's header is damaged: the name is not UTF-8.");
  }
}

/**
 * The stages of the screen, if what follows the other sections is one.
 *
 * @param entry of the section table
 * @param first entry behind the other sections
 */
function parseStages(entry: (index: number) => Uint32Array, first: number, count: number): StageShape[] {
  if (entry(first)[0] !== FIRST_SCREEN_KIND) return [];
  return Array.from({ length: Math.max(0, count - first - SCREEN_SECTIONS) }, (_, stage) => {
    const [, , , , records, columns] = entry(first + SCREEN_SECTIONS + stage);
    if (columns <= RECORD_TAIL_BYTES) {
      failBadImage(`Section screen_stage ${stage} has records of ${columns} bytes, which hold no codes.`);
    }
    return { records, columns: columns - RECORD_TAIL_BYTES };
  });
}

function parseTable(bytes: Uint8Array, config: IntegerModel['config'], count: number): ImageSection[] {
  const entry = (index: number) => {
    const start = HEADER_BYTES + index * TABLE_ENTRY_BYTES;
    return uint32Of(bytes.subarray(start, start + TABLE_ENTRY_BYTES));
  };
  // The length of the pieces and the screen are all about the sections that the shape does not say.
  const pieceBytes = count > 2 ? entry(2)[3] : 0;
  const withoutScreen = sectionShapes(config, pieceBytes).length;
  const stages = count > withoutScreen ? parseStages(entry, withoutScreen, count) : [];
  const shapes = sectionShapes(config, pieceBytes, stages);
  if (shapes.length !== count) {
    failBadImage(`The image has ${count} sections where its dimensions ask for ${shapes.length}.`);
  }
  let end = HEADER_BYTES + count * TABLE_ENTRY_BYTES;
  const sections = shapes.map((shape, index) => {
    const [kind, block, offset, length, rows, columns, crc, reserved] = entry(index);
    const place =
      shape.block === -1 ? `Section ${shape.name}` : `Section ${shape.name} of block ${shape.block}`;
    if (
      kind !== shape.kind ||
      block !== (shape.block === -1 ? NO_BLOCK : shape.block) ||
      length !== shape.bytes ||
      rows !== shape.rows ||
      columns !== shape.columns ||
      offset !== alignUp(end) ||
      reserved !== 0
    ) {
      failBadImage(`${place} is not where and what the image's dimensions ask for.`);
    }
    end = offset + length;
    return { ...shape, offset, crc };
  });
  if (alignUp(end) !== bytes.length) {
    failBadImage(`The image's sections end at byte ${alignUp(end)}, the image at byte ${bytes.length}.`);
  }
  return sections;
}
