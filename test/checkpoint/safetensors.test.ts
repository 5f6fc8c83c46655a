import { describe, expect, it } from 'vitest';
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

/** A file with any header: the format by hand. */
function fileOf(header: unknown, data: Uint8Array, headerLength?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

it('doubles and bfloats of other writers are read', () => {
  const data = Buffer.alloc(20);
  data.writeDoubleLE(1 / 3, 0);
  data.writeDoubleLE(-1e300, 8); // beyond 32-bit floats
  data.writeUInt16LE(0x4049, 16); // 3.140625
  data.writeUInt16LE(0xbf80, 18); // -1
  const header = {
    b: { dtype: 'BF16', shape: [2], data_offsets: [16, 20] },
    d: { dtype: 'F64', shape: [2, 1], data_offsets: [0, 16] },
  };
  const { tensors: read, metadata: none } = decodeSafetensors(fileOf(header, data), 'test');
  expect(read.get('d')).toEqual({ shape: [2, 1], values: Float32Array.of(1 / 3, Number.NEGATIVE_INFINITY) });
  expect(read.get('b')).toEqual({ shape: [2], values: Float32Array.of(3.140625, -1) });
  expect(none).toEqual({});
});

describe('a hostile header is refused', () => {
  const data = new Uint8Array(8);
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  it.each([
    ['a header of 2^63 bytes', fileOf({ a: entry }, data, 2n ** 63n), /cut off/],
    ['a header that is no JSON', fileOf('{"a":', data), /no readable header/],
    ['a header that is a list', fileOf([], data), /no readable header/],
    ['a shape below zero', fileOf({ a: { ...entry, shape: [-2] } }, data), /no readable header/],
    ['a shape with fractions', fileOf({ a: { ...entry, shape: [0.5, 4] } }, data), /no readable header/],
    [
      'a shape beyond any memory',
      fileOf({ a: { ...entry, shape: [2 ** 40, 2 ** 40] } }, data),
      /cut off within "a"/,
    ],
    [
      'a shape that overflows to infinity',
      fileOf({ a: { ...entry, shape: new Array(200).fill(1e9) } }, data),
      /cut off within "a"/,
    ],
    [
      'offsets that run backwards',
      fileOf({ a: { ...entry, data_offsets: [8, 0] } }, data),
      /gap or an overlap/,
    ],
    [
      'offsets beyond the end',
      fileOf({ a: { ...entry, shape: [4], data_offsets: [0, 16] } }, data),
      /cut off within "a"/,
    ],
    [
      'a gap',
      fileOf({ a: { ...entry, shape: [1], data_offsets: [4, 8] } }, data),
      /gap or an overlap before "a"/,
    ],
    [
      'many tensors in one place: a small file that fills the memory',
      fileOf({ a: entry, b: entry }, data),
      /gap or an overlap before "b"/,
    ],
    [
      'bytes after the last tensor',
      fileOf({ a: entry }, new Uint8Array(12)),
      /4 bytes after its last tensor/,
    ],
    [
      'numbers that are no floats',
      fileOf({ a: { ...entry, dtype: 'I64', shape: [1] } }, data),
      /"a" as "I64"/,
    ],
    ['a name with control characters', fileOf({ 'a\u001b[2J': { ...entry, dtype: 'X' } }, data), /"a\?\[2J"/],
    ['metadata that is no text', fileOf({ __metadata__: { a: 1 }, a: entry }, data), /no readable header/],
  ])('%s', (_, bytes, sentence) => {
    expect(() => decodeSafetensors(bytes, 'bad.safetensors')).toThrow(
      expect.objectContaining({ code: 'bad-checkpoint', what: expect.stringMatching(sentence) }),
    );
  });
});
