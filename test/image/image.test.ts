import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { crc32 } from '../../src/image/crc32.js';
import { imageFingerprint, listSections, readImage } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { IntegerSession } from '../../src/integer/forward.js';
import { makeRandomModel, RandomNumbers, SMALL_CONFIG } from '../integer/random-model.js';

const model = makeRandomModel(SMALL_CONFIG, 7);
const image = writeImage(model);
const HEADER_AND_TABLE = 112 + listSections(image).length * 32;

/** Repairs the CRCs of a changed image, as a faulty writer would have computed them. */
function sealed(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(20, true);
  const crcs = new DataView(new ArrayBuffer(4 * count));
  for (let i = 0; i < count; i++) {
    const entry = 112 + 32 * i;
    const start = view.getUint32(entry + 8, true);
    const crc = crc32(bytes.subarray(start, start + view.getUint32(entry + 12, true)));
    view.setUint32(entry + 24, crc, true);
    crcs.setUint32(4 * i, crc, true);
  }
  view.setUint32(24, crc32(new Uint8Array(crcs.buffer)), true);
  view.setUint32(12, 0, true);
  view.setUint32(12, crc32(bytes.subarray(0, 112 + 32 * count)), true);
  return bytes;
}

/** A copy with one byte or 32-bit field changed. */
function changed(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = image.slice();
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

function offsetOf(name: string): number {
  const section = listSections(image).find((candidate) => candidate.name === name);
  return section?.offset ?? Number.NaN;
}

function failure(bytes: Uint8Array): FlashlmError {
  try {
    readImage(bytes);
  } catch (error) {
    if (error instanceof FlashlmError) {
      return error;
    }
    throw error;
  }
  throw new Error('the image was accepted');
}

describe('image', () => {
  it('reads back the model that was written', () => {
    expect(readImage(image)).toEqual(model);
    const written = new IntegerSession(model).step(5).slice();
    expect(new IntegerSession(readImage(image)).step(5)).toEqual(written);
  });

  it('reads a Buffer, as files come, and leaves it as it was', () => {
    const buffer = Buffer.from(image);
    const fromBuffer = readImage(buffer);
    expect(Buffer.compare(buffer, image)).toBe(0);
    buffer.fill(0);
    expect(fromBuffer).toEqual(model);
  });

  it('places sections at multiples of 16, in order, with their names', () => {
    const sections = listSections(image);
    expect(sections.slice(0, 7).map((section) => section.name)).toEqual([
      'fixed_point',
      'piece_offsets',
      'piece_bytes',
      'embedding_multiplier',
      'embedding',
      'norm1',
      'mixer_up',
    ]);
    expect(sections).toHaveLength(6 + 7 * 2);
    let end = HEADER_AND_TABLE;
    for (const section of sections) {
      expect(section.offset % 16).toBe(0);
      expect(section.offset - end).toBeGreaterThanOrEqual(0);
      expect(section.offset - end).toBeLessThan(16);
      expect(crc32(image.subarray(section.offset, section.offset + section.bytes))).toBe(section.crc);
      end = section.offset + section.bytes;
    }
    expect(image.length).toBe(Math.ceil(end / 16) * 16);
  });

  it('names its content, not its name, by the fingerprint', () => {
    expect(imageFingerprint(writeImage({ ...model, name: 'another' }))).toBe(imageFingerprint(image));
    expect(imageFingerprint(writeImage({ ...model, headRightShift: 21 }))).not.toBe(
      imageFingerprint(writeImage({ ...model, headRightShift: 22 })),
    );
  });

  it('computes the CRC-32 of zip', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('a damaged image', () => {
  it('is refused at every length that is too short', () => {
    for (let length = 0; length < image.length; length++) {
      const error = failure(image.subarray(0, length));
      expect(error.code).toBe('bad-image');
      expect(error.what).toMatch(length === 0 ? /not a flashlm image/ : /truncated/);
    }
    expect(failure(image.subarray(0, 5000)).what).toBe(
      `The image is truncated: 5000 bytes of ${image.length}.`,
    );
  });

  it('is refused for every flipped bit of the header and table', () => {
    for (let byte = 0; byte < HEADER_AND_TABLE; byte++) {
      for (let bit = 0; bit < 8; bit++) {
        const error = failure(changed((_, bytes) => (bytes[byte] ^= 1 << bit)));
        expect(error.code).toBe('bad-image');
      }
    }
  });

  it('is refused for a flipped bit in every byte of the sections, and names the section', () => {
    const random = new RandomNumbers(3);
    for (let byte = HEADER_AND_TABLE; byte < image.length; byte++) {
      const error = failure(changed((_, bytes) => (bytes[byte] ^= 1 << random.integer(0, 7))));
      expect(error.code).toBe('bad-image');
      expect(error.what).toMatch(/Section \w+( of block \d)? is damaged|between two sections/);
    }
    const start = listSections(image).findLast((section) => section.name === 'mixer_up')?.offset ?? 0;
    expect(failure(changed((_, bytes) => (bytes[start + 9] ^= 4))).what).toBe(
      'Section mixer_up of block 1 is damaged: its CRC does not match.',
    );
  });

  it('is refused with random bytes overwritten, and with bytes after its end', () => {
    const random = new RandomNumbers(4);
    for (let round = 0; round < 2000; round++) {
      const bytes = image.slice();
      const start = random.integer(0, bytes.length - 1);
      const end = Math.min(bytes.length, start + random.integer(1, 64));
      for (let i = start; i < end; i++) {
        bytes[i] = random.integer(0, 255);
      }
      if (Buffer.compare(bytes, image) !== 0) {
        expect(failure(bytes).code).toBe('bad-image');
      }
    }
    expect(failure(Buffer.concat([image, new Uint8Array(3)])).what).toMatch(/3 bytes after its end/);
  });

  it('never gets past the checks with sealed random sections', () => {
    const random = new RandomNumbers(5);
    for (let round = 0; round < 1000; round++) {
      const bytes = image.slice();
      for (let changes = random.integer(1, 4); changes > 0; changes--) {
        const isHeader = random.integer(0, 1) === 0;
        const place = isHeader
          ? random.integer(8, HEADER_AND_TABLE - 1)
          : random.integer(0, bytes.length - 1);
        bytes[place] = random.integer(0, 255);
      }
      try {
        const reread = readImage(trySealed(bytes));
        new IntegerSession(reread).step(1);
      } catch (error) {
        expect(error).toBeInstanceOf(FlashlmError);
      }
    }
  });

  it('says what is wrong', () => {
    const says = (bytes: Uint8Array) => failure(bytes).what;
    expect(says(new TextEncoder().encode('GGUF and more'))).toMatch(/not a flashlm image/);
    expect(says(changed((view) => view.setUint32(8, 2, true)))).toMatch(/format version 2/);
    expect(says(changed((view) => view.setUint32(28, 300, true)))).toMatch(/header is damaged/);
    expect(says(sealed(changed((view) => view.setUint32(32, 0, true))))).toMatch(/impossible dimensions/);
    expect(says(sealed(changed((view) => view.setUint32(28, 200, true))))).toMatch(/does not hold the bytes/);
    expect(says(sealed(changed((view) => view.setUint32(36, 3, true))))).toMatch(/20 sections.*ask for 27/);
    expect(says(sealed(changed((view) => view.setUint32(40, 23, true))))).toMatch(/ffn_in of block 0 is not/);
    expect(says(sealed(changed((_, bytes) => (bytes[offsetOf('mixer_up')] = 251))))).toMatch(
      /mixer_up of block 0 holds a code/,
    );
    expect(says(sealed(changed((_, bytes) => (bytes[offsetOf('piece_bytes') + 256] = 255))))).toMatch(
      /not sorted at piece 258/,
    );
    expect(says(sealed(changed((_, bytes) => (bytes[offsetOf('piece_bytes') + 3] = 9))))).toMatch(
      /piece 4 is not the byte 3/,
    );
    expect(says(sealed(changed((view) => view.setUint32(offsetOf('piece_offsets') + 8, 9, true))))).toMatch(
      /piece offsets do not rise/,
    );
    expect(says(sealed(changed((view) => view.setInt16(offsetOf('norm1'), 32001, true))))).toMatch(
      /norm1 of block 0 holds 32001/,
    );
    expect(says(sealed(changed((_, bytes) => (bytes[offsetOf('embedding')] = 128))))).toMatch(/holds -128/);
    expect(says(sealed(changed((view) => view.setInt32(offsetOf('fixed_point'), 2, true))))).toMatch(
      /square_shift is 2/,
    );
    expect(says(sealed(changed((view) => view.setInt32(offsetOf('fixed_point') + 24, 30, true))))).toMatch(
      /mixer_up_scale of block 0 has the left shift 30/,
    );
    expect(says(sealed(changed((view) => view.setInt32(offsetOf('fixed_point') + 36, 15, true))))).toMatch(
      /mixer_fraction_bits of block 0 is 15/,
    );
  });
});

describe('writeImage', () => {
  it('refuses a name that does not fit and a model that breaks a limit', () => {
    expect(() => writeImage({ ...model, name: 'é'.repeat(24) })).toThrow(/48 bytes/);
    expect(writeImage({ ...model, name: 'a'.repeat(47) }).length).toBe(image.length);
    expect(() => writeImage({ ...model, pieces: model.pieces.toReversed() })).toThrow(/end-of-story/);
    expect(() => writeImage({ ...model, pieces: model.pieces.slice(0, -1) })).toThrow(/262 pieces/);
    expect(() => writeImage({ ...model, finalNorm: new Int16Array(12).fill(-32001) })).toThrow(/final_norm/);
  });
});

/** Seals the image unless its table points outside it. */
function trySealed(bytes: Uint8Array): Uint8Array {
  try {
    return sealed(bytes.slice());
  } catch {
    return bytes;
  }
}
