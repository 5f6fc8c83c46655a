import { z } from 'zod';
import { FlashlmError } from '../errors.js';

/** A tensor of 32-bit floats. */
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

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Encodes tensors in the safetensors format (https://github.com/huggingface/safetensors): an 8-byte little-endian
 * header length, a JSON header, then the raw values.
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const header: Record<string, Entry | Record<string, string>> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const json = JSON.stringify(header);
  // Spaces at the end of the header keep the values aligned for direct use.
  const headerBytes = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8, ' '), 'utf8');
  const file = Buffer.alloc(8 + headerBytes.length + end);
  file.writeBigUInt64LE(BigInt(headerBytes.length), 0);
  headerBytes.copy(file, 8);
  let offset = 8 + headerBytes.length;
  for (const { values } of tensors.values()) {
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(file, offset);
    offset += values.byteLength;
  }
  return file;
}

/**
 * Decodes a safetensors file of 32-bit floats.
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
  for (const [name, entry] of Object.entries(header.entries)) {
    const [start, end] = entry.data_offsets;
    const size = entry.shape.reduce((product, length) => product * length, 1);
    if (entry.dtype !== 'F32') throw damaged(`holds ${name} as ${entry.dtype} instead of F32`);
    if (end - start !== size * 4 || end > data.length) throw damaged(`is cut off within ${name}`);
    tensors.set(name, { shape: entry.shape, values: new Float32Array(data.slice(start, end).buffer) });
  }
  return { tensors, metadata: header.metadata };
}

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
