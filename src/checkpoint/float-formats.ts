import { Float16Array } from '@petamoriken/float16';

/** How floats lie in a file, little-endian. */
export interface FloatFormat {
  bytesPerValue: number;
  /** @param bytes a whole number of values, at any alignment */
  decode(bytes: Uint8Array): Float32Array;
}

/** Formats by safetensors' names. Doubles are rounded to the nearest 32-bit float. */
export const FLOAT_FORMATS = {
  F32: { bytesPerValue: 4, decode: (bytes) => new Float32Array(alignedCopy(bytes)) },
  F16: {
    bytesPerValue: 2,
    decode: (bytes) => Float32Array.from(new Float16Array(alignedCopy(bytes)) as Iterable<number>),
  },
  BF16: { bytesPerValue: 2, decode: decodeBfloat16 },
  F64: { bytesPerValue: 8, decode: (bytes) => Float32Array.from(new Float64Array(alignedCopy(bytes))) },
} satisfies Record<string, FloatFormat>;

export type FloatFormatName = keyof typeof FLOAT_FORMATS;

/** The upper half of a 32-bit float. */
function decodeBfloat16(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(alignedCopy(bytes));
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

function alignedCopy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
