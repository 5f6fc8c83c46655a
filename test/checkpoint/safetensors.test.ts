import { expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/checkpoint/safetensors.js';

const tensors = new Map([
  ['a.weight', { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 0.25, -0.125) }],
  ['b.scale', { shape: [1], values: Float32Array.of(0.1) }],
]);
const metadata = { state: '{"step":1}' };

it('32-bit tensors come back as they were, with their metadata', () => {
  expect(decodeSafetensors(encodeSafetensors({ tensors, metadata }, 'F32'), 'test')).toEqual({
    tensors,
    metadata,
  });
});

it('16-bit tensors come back rounded', () => {
  const back = decodeSafetensors(encodeSafetensors({ tensors, metadata }, 'F16'), 'test').tensors;
  expect(back.get('a.weight')).toEqual(tensors.get('a.weight'));
  expect(back.get('b.scale')?.values[0]).toBe(0.0999755859375); // the 16-bit float nearest to 0.1 (IEEE 754)
});

it('follows the published layout: length, JSON header, values', () => {
  const file = Buffer.from(encodeSafetensors({ tensors, metadata }, 'F32'));
  const headerLength = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + headerLength).toString());
  expect(header['b.scale']).toEqual({ dtype: 'F32', shape: [1], data_offsets: [24, 28] });
  expect(file.readFloatLE(8 + headerLength + 4)).toBe(-2);
});

it('every truncation is refused, none crashes', () => {
  const file = encodeSafetensors({ tensors, metadata }, 'F32');
  for (let length = 0; length < file.length; length++) {
    const attempt = () => decodeSafetensors(file.subarray(0, length), 'cut.safetensors');
    expect(attempt).toThrow(expect.objectContaining({ code: 'bad-checkpoint' }));
  }
});
