import type { ScreenStage } from '../integer/model.js';
import { RECORD_TAIL_BYTES } from './format.js';

/** The bytes of section screen_stage: of each record its codes, its scale and its reach. */
export function packStage({ records, columns, codes, scale, reach }: ScreenStage): Uint8Array {
  const stride = columns + RECORD_TAIL_BYTES;
  const bytes = new Uint8Array(records * stride);
  const view = new DataView(bytes.buffer);
  for (let record = 0; record < records; record++) {
    bytes.set(codes.subarray(record * columns, (record + 1) * columns), record * stride);
    view.setUint16(record * stride + columns, scale[record], true);
    view.setUint16(record * stride + columns + 2, reach[record], true);
  }
  return bytes;
}

/** Reads back what `packStage` wrote. */
export function unpackStage(bytes: Uint8Array, records: number, columns: number): ScreenStage {
  const stride = columns + RECORD_TAIL_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const codes = new Int8Array(records * columns);
  const scale = new Uint16Array(records);
  const reach = new Uint16Array(records);
  for (let record = 0; record < records; record++) {
    const start = record * stride;
    codes.set(bytes.subarray(start, start + columns), record * columns);
    scale[record] = view.getUint16(start + columns, true);
    reach[record] = view.getUint16(start + columns + 2, true);
  }
  return { records, columns, codes, scale, reach };
}
