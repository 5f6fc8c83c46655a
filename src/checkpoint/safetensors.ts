import { Float16Array } from '@petamoriken/float16';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { quote } from '../quote.js';
import { FLOAT_FORMATS, type FloatFormat } from './float-formats.js';

/** A tensor, in memory always of 32-bit floats. */
export interface FloatTensor {
  shape: number[];
  values: Float32Array;
}

/** Content of a safetensors file. */
export interface Safetensors {
  tensors: Map<string, FloatTensor>;
  /** Strings that travel with the tensors. */
  metadata: Record<string, string>;
}

/** Precision of the values in a file. */
export type FloatPrecision = 'F32' | 'F16';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Encodes tensors in the safetensors format (https://github.com/huggingface/safetensors): an 8-byte little-endian
 * header length, a JSON header, then the raw values.
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors, precision: FloatPrecision): Uint8Array {
  const header: Record<string, Entry | Record<string, string>> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    const part = precision === 'F32' ? values : Float16Array.from(values);
    const start = end;
    end += part.byteLength;
    header[name] = { dtype: precision, shape, data_offsets: [start, end] };
    parts.push(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  const json = JSON.stringify(header);
  // Spaces at the end of the header keep the values aligned for direct use.
  const headerBytes = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8, ' '), 'utf8');
  const headerLength = Buffer.alloc(8);
  headerLength.writeBigUInt64LE(BigInt(headerBytes.length));
  return Buffer.concat([headerLength, headerBytes, ...parts]);
}

/**
 * Decodes a safetensors file of floats (F32, F16, BF16 or F64). As the format asks for, the tensors must fill the file
 * without gaps and overlaps, so that what is decoded is never much larger than the file.
 *
 * @param source the file's name, for messages
 * @throws FlashlmError bad-checkpoint
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Safetensors {
  const damaged = (what: string) =>
    new FlashlmError('bad-checkpoint', `${source} ${what}.`, 'Use an undamaged checkpoint.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw damaged('is not a safetensors file');
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - 8) throw damaged('is cut off or is not a safetensors file');
  const header = parseHeader(Buffer.from(bytes.subarray(8, 8 + headerLength)).toString('utf8'));
  if (header === null) throw damaged('has no readable header');
  const tensors = new Map<string, FloatTensor>();
  const data = bytes.subarray(8 + headerLength);
  let filled = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of inOrderOfOffset(header.entries)) {
    const [start, end] = offsets;
    const size = shape.reduce((product, length) => product * length, 1);
    const format = FORMATS.get(dtype);
    if (format === undefined) {
      throw damaged(`holds ${quote(name)} as ${quote(dtype)} instead of ${[...FORMATS.keys()].join(', ')}`);
    }
    if (start !== filled) throw damaged(`has a gap or an overlap before ${quote(name)}`);
    if (end - start !== size * format.bytesPerValue || end > data.length) {
      throw damaged(`is cut off within ${quote(name)}`);
    }
    tensors.set(name, { shape, values: format.decode(data.subarray(start, end)) });
    filled = end;
  }
  if (filled !== data.length) throw damaged(`has ${data.length - filled} bytes after its last tensor`);
  return { tensors, metadata: header.metadata };
}

/** Header entries in the order of their data; the header itself may have another. */
function inOrderOfOffset(entries: Record<string, Entry>): [string, Entry][] {
  return Object.entries(entries).sort(([, a], [, b]) => {
    const [[startA, endA], [startB, endB]] = [a.data_offsets, b.data_offsets];
    return startA - startB || endA - endB;
  });
}

const FORMATS: ReadonlyMap<string, FloatFormat> = new Map(Object.entries(FLOAT_FORMATS));

const headerSchema = z
  .looseObject({ __metadata__: z.record(z.string(), z.string()).default({}) })
  .transform(({ __metadata__, ...entries }) => ({ metadata: __metadata__, entries }))
  .pipe(
    z.object({
      metadata: z.record(z.string(), z.string()),
      entries: z.record(
        z.string(),
        z.object({
          dtype: z.string(),
          shape: z.array(z.int().min(0)),
          data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
        }),
      ),
    }),
  );

function parseHeader(json: string): z.infer<typeof headerSchema> | null {
  try {
    return headerSchema.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
