import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { crc32 } from '../../src/image/crc32.js';
import { imageFingerprint, listSections, readImage } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { IntegerSession } from '../../src/integer/forward.js';
import type { HeadScreen, IntegerModel } from '../../src/integer/model.js';
import { makeScreen } from '../../src/quantise/screen/screen.js';
import { makeRandomModel, RandomNumbers, SMALL_CONFIG } from '../integer/random-model.js';

const model = makeRandomModel(SMALL_CONFIG, 7);
const image = writeImage(model);
const extendedModel = makeRandomModel({ ...SMALL_CONFIG, memory: { heads: 3, slots: 2 }, clusters: 20 }, 7);
const extendedImage = writeImage(extendedModel);
const screenedModel: IntegerModel = { ...model, screen: makeScreen(model) };
const screenedImage = writeImage(screenedModel);
const IMAGES: [string, Uint8Array][] = [
  ['FlashLM v4', image],
  ['with memory and clusters', extendedImage],
  ['with a screen', screenedImage],
];

function headerAndTable(of: Uint8Array): number {
  return 112 + listSections(of).length * 32;
}

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
function changed(change: (view: DataView, bytes: Uint8Array) => void, from = image): Uint8Array {
  const bytes = from.slice();
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

function offsetOf(name: string, from = image): number {
  const section = listSections(from).find((candidate) => candidate.name === name);
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

  it.each([
    { memory: { heads: 4, slots: 5 } },
    { clusters: 2 },
    { clusters: 263 },
    { memory: { heads: 12, slots: 1 }, clusters: 30 },
  ])('reads back a model with %o', (extensions) => {
    for (const extreme of [false, true]) {
      const extended = makeRandomModel({ ...SMALL_CONFIG, ...extensions }, 9, { extreme });
      expect(readImage(writeImage(extended))).toEqual(extended);
    }
  });

  it('reads back a model with a screen, and has its sections behind all others', () => {
    expect(readImage(screenedImage)).toEqual(screenedModel);
    const before = listSections(image).length;
    const sections = listSections(screenedImage).slice(before);
    expect(
      sections.map(({ kind, name, block, rows, columns }) => `${kind} ${name} ${block} ${rows} x ${columns}`),
    ).toEqual([
      '20 screen_numbers -1 1 x 2',
      '21 screen_shift -1 1 x 12',
      '22 screen_transform -1 12 x 12',
      '23 screen_tokens -1 1 x 263',
      '24 screen_stage 0 263 x 8',
      '24 screen_stage 1 119 x 8',
      '24 screen_stage 2 106 x 8',
    ]);
    const [{ codes, scale, reach }] = screenedModel.screen?.stages ?? [];
    const view = new DataView(screenedImage.buffer, offsetOf('screen_stage', screenedImage) + 8 * 100, 8);
    expect([0, 1, 2, 3].map((i) => view.getInt8(i))).toEqual([...codes.subarray(400, 404)]);
    expect([view.getUint16(4, true), view.getUint16(6, true)]).toEqual([scale[100], reach[100]]);
  });

  it('has the sections of memory and clusters in the order of the format, and its header names them', () => {
    const sections = listSections(extendedImage);
    const described = sections.map(({ kind, name, rows, columns }) => `${kind} ${name} ${rows} x ${columns}`);
    expect(described.slice(0, 15)).toEqual([
      '1 fixed_point 1 x 44',
      '2 piece_offsets 1 x 264',
      '3 piece_bytes 1 x 268',
      '4 embedding_multiplier 1 x 263',
      '5 embedding 263 x 12',
      '15 cluster_multiplier 1 x 20',
      '16 clusters 20 x 12',
      '17 cluster_start 1 x 21',
      '18 token_of_row 1 x 263',
      '19 row_of_token 1 x 263',
      '6 norm1 1 x 12',
      '7 mixer_up 36 x 12',
      '8 convolution 3 x 12',
      '14 write_bias 1 x 6',
      '9 mixer_down 12 x 12',
    ]);
    expect(sections).toHaveLength(11 + 8 * 2);
    const view = new DataView(extendedImage.buffer);
    expect([52, 56, 60].map((offset) => view.getUint32(offset, true))).toEqual([3, 2, 20]);
    expect([52, 56, 60].map((offset) => new DataView(image.buffer).getUint32(offset, true))).toEqual([
      0, 0, 0,
    ]);
  });

  it('stores the embedding in order of cluster, then of token id', () => {
    const view = new DataView(extendedImage.buffer);
    const clusterOfToken = [...(extendedModel.clusters?.clusterOfToken ?? [])];
    const order = [...clusterOfToken.keys()].sort((a, b) => clusterOfToken[a] - clusterOfToken[b] || a - b);
    const at = (name: string, index: number) =>
      view.getUint16(offsetOf(name, extendedImage) + 2 * index, true);
    for (const [row, token] of order.entries()) {
      expect(at('token_of_row', row)).toBe(token);
      expect(at('row_of_token', token)).toBe(row);
      expect(at('embedding_multiplier', row)).toBe(extendedModel.embeddingMultiplier[token]);
      const start = offsetOf('embedding', extendedImage) + 12 * row;
      const stored = new Int8Array(extendedImage.buffer, start, 12);
      expect(stored).toEqual(extendedModel.embedding.subarray(12 * token, 12 * token + 12));
      const cluster = clusterOfToken[token];
      expect(at('cluster_start', cluster)).toBeLessThanOrEqual(row);
      expect(at('cluster_start', cluster + 1)).toBeGreaterThan(row);
    }
    const { headLeftShift, headRightShift } = extendedModel.clusters ?? {};
    const fixedPoints = offsetOf('fixed_point', extendedImage) + 4 * (6 + 18 * 2);
    expect([view.getInt32(fixedPoints, true), view.getInt32(fixedPoints + 4, true)]).toEqual([
      headLeftShift,
      headRightShift,
    ]);
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
    let end = headerAndTable(image);
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

describe.each(IMAGES)('a damaged image: %s', (_kind, image) => {
  const HEADER_AND_TABLE = headerAndTable(image);

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
        const error = failure(changed((_, bytes) => (bytes[byte] ^= 1 << bit), image));
        expect(error.code).toBe('bad-image');
      }
    }
  });

  it('is refused for a flipped bit in every byte of the sections, and names the section', () => {
    const random = new RandomNumbers(3);
    for (let byte = HEADER_AND_TABLE; byte < image.length; byte++) {
      const error = failure(changed((_, bytes) => (bytes[byte] ^= 1 << random.integer(0, 7)), image));
      expect(error.code).toBe('bad-image');
      expect(error.what).toMatch(/Section \w+( of block \d)? is damaged|between two sections/);
    }
    const start = listSections(image).findLast((section) => section.name === 'mixer_up')?.offset ?? 0;
    expect(failure(changed((_, bytes) => (bytes[start + 9] ^= 4), image)).what).toBe(
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

  it('never gets past the checks with sealed random fields of its header and tables', () => {
    const random = new RandomNumbers(6);
    const tables = [
      'fixed_point',
      'cluster_start',
      'token_of_row',
      'row_of_token',
      'write_bias',
      'screen_numbers',
      'screen_tokens',
      'screen_shift',
    ];
    const places = listSections(image).filter(({ name }) => tables.includes(name));
    for (let round = 0; round < 1000; round++) {
      const bytes = image.slice();
      const view = new DataView(bytes.buffer);
      if (random.integer(0, 3) === 0) {
        view.setUint32(28 + 4 * random.integer(0, 8), random.integer(0, 70), true);
      } else {
        const { offset, bytes: length } = places[random.integer(0, places.length - 1)];
        view.setUint16(offset + 2 * random.integer(0, length / 2 - 1), random.integer(0, 300), true);
      }
      try {
        const logits = new IntegerSession(readImage(trySealed(bytes))).step(1);
        expect(logits.every((logit) => Math.abs(logit) <= 2 ** 30)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FlashlmError);
      }
    }
  });
});

describe('a damaged image', () => {
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

describe('a damaged image with memory and clusters', () => {
  const says = (change: (view: DataView, bytes: Uint8Array) => void) =>
    failure(sealed(changed(change, extendedImage))).what;
  const at = (name: string, index = 0) => offsetOf(name, extendedImage) + 2 * index;

  it('says which dimension is impossible', () => {
    expect(says((view) => view.setUint32(52, 5, true))).toMatch(/5 heads of the memory do not divide/);
    expect(says((view) => view.setUint32(52, 0, true))).toMatch(/impossible dimensions: memory.heads/);
    expect(says((view) => view.setUint32(56, 0, true))).toMatch(/impossible dimensions: memory.slots/);
    expect(says((view) => view.setUint32(56, 65, true))).toMatch(/impossible dimensions: memory.slots/);
    expect(says((view) => view.setUint32(56, 3, true))).toMatch(/mixer_up of block 0 is not/);
    expect(says((view) => view.setUint32(60, 1, true))).toMatch(/impossible dimensions: clusters/);
    expect(says((view) => view.setUint32(60, 264, true))).toMatch(/263 does not fill 264 clusters/);
    expect(says((view) => view.setUint32(60, 0, true))).toMatch(/27 sections.*ask for 22/);
    expect(says((view) => view.setUint32(60, 21, true))).toMatch(/cluster_multiplier is not/);
  });

  it('says what is wrong with the tables of the clusters', () => {
    const start = (cluster: number) =>
      new DataView(extendedImage.buffer).getUint16(at('cluster_start', cluster), true);
    const share = /clusters do not share out all rows/;
    expect(says((view) => view.setUint16(at('cluster_start'), 1, true))).toMatch(share);
    expect(says((view) => view.setUint16(at('cluster_start', 20), 262, true))).toMatch(share);
    expect(says((view) => view.setUint16(at('cluster_start', 3), start(2), true))).toMatch(share);
    expect(says((view) => view.setUint16(at('cluster_start', 3), start(5), true))).toMatch(share);
    const other = /is that of token \d+, which has another row/;
    expect(says((view) => view.setUint16(at('token_of_row', 4), 65535, true))).toMatch(other);
    expect(says((view) => view.setUint16(at('row_of_token', 4), 65535, true))).toMatch(other);
    const swapped = (view: DataView, first: number, second: number) => {
      for (const [row, other] of [
        [first, second],
        [second, first],
      ]) {
        const token = new DataView(extendedImage.buffer).getUint16(at('token_of_row', other), true);
        view.setUint16(at('token_of_row', row), token, true);
        view.setUint16(at('row_of_token', token), row, true);
      }
    };
    expect(says((view) => swapped(view, 0, 1))).toMatch(/tokens of cluster 0 are out of order at row 1/);
    // One row twice, and another token without one.
    expect(
      says((view) => {
        const token = view.getUint16(at('token_of_row', 8), true);
        view.setUint16(at('token_of_row', 9), token, true);
      }),
    ).toMatch(/row 9 is that of token \d+, which has another row/);
  });

  it('says which limit is broken', () => {
    expect(says((_, bytes) => (bytes[at('clusters')] = 128))).toMatch(/clusters row 0 holds -128/);
    const shifts = offsetOf('fixed_point', extendedImage) + 4 * (6 + 18 * 2);
    expect(says((view) => view.setInt32(shifts, 30, true))).toMatch(
      /the head of the clusters has the left shift 30/,
    );
    expect(says((view) => view.setInt32(shifts + 4, 1024, true))).toMatch(
      /the head of the clusters has the right shift 1024/,
    );
  });
});

describe('a damaged image with a screen', () => {
  const says = (change: (view: DataView, bytes: Uint8Array) => void) =>
    failure(sealed(changed(change, screenedImage))).what;
  const at = (name: string) => offsetOf(name, screenedImage);
  const entry = (number: number) => 112 + 32 * (listSections(image).length + number);

  it('says what is wrong with it', () => {
    expect(says((view) => view.setUint32(entry(0), 21, true))).toMatch(/27 sections.*ask for 20/);
    expect(says((view) => view.setUint32(entry(4) + 20, 4, true))).toMatch(/records of 4 bytes/);
    expect(says((view) => view.setUint32(entry(4) + 20, 12, true))).toMatch(/screen_stage of block 0 is not/);
    expect(says((view) => view.setUint32(entry(5) + 16, 120, true))).toMatch(
      /screen_stage of block 1 is not/,
    );
    expect(says((view) => view.setInt32(at('screen_numbers'), 1024, true))).toMatch(/1024 fraction bits/);
    expect(says((view) => view.setInt32(at('screen_numbers') + 4, 11, true))).toMatch(/reach shift 11/);
    expect(says((view) => view.setInt32(at('screen_numbers') + 4, -1, true))).toMatch(/reach shift -1/);
    expect(says((_, bytes) => (bytes[at('screen_shift') + 3] = 15))).toMatch(/shift of the screen/);
    expect(says((_, bytes) => (bytes[at('screen_transform') + 3] = 128))).toMatch(/transform holds/);
    expect(says((_, bytes) => (bytes[at('screen_stage') + 2] = 128))).toMatch(/stage 0.*a code below/);
    expect(says((view) => view.setUint16(at('screen_tokens'), 263, true))).toMatch(/263 is wrong/);
    expect(
      says((view) =>
        view.setUint16(at('screen_tokens'), view.getUint16(at('screen_tokens') + 2, true), true),
      ),
    ).toMatch(/no record, or two, of a token/);
  });
});

describe('writeImage', () => {
  it('refuses a screen of another shape', () => {
    const { screen } = screenedModel;
    if (screen === null) throw new Error('the model has a screen');
    const refused = (change: Partial<HeadScreen>) => () =>
      writeImage({ ...screenedModel, screen: { ...screen, ...change } });
    const [first, second, third] = screen.stages;
    expect(refused({ stages: [] })).toThrow(/shape of the model/);
    expect(refused({ stages: [first, first, first, first, first] })).toThrow(/shape of the model/);
    expect(refused({ shift: screen.shift.subarray(1) })).toThrow(/shape of the model/);
    expect(refused({ stages: [first, second, third, third] })).toThrow(/16 codes for a row/);
    expect(refused({ stages: [second, third] })).toThrow(/stage 0 of the screen has 119 records/);
    expect(refused({ stages: [first, third, second] })).toThrow(/stage 2 of the screen has 119 records/);
    expect(refused({ stages: [{ ...first, columns: 6 }] })).toThrow(/stage 0 of the screen has 6 codes/);
    expect(refused({ stages: [first, { ...second, reach: first.reach }] })).toThrow(/its shape/);
    expect(() => writeImage({ ...extendedModel, screen })).toThrow(/a model with clusters has a screen/);
  });

  it('refuses clusters and biases of another shape', () => {
    const refused = (change: Partial<typeof extendedModel>) => () =>
      writeImage({ ...extendedModel, ...change });
    const { clusters, blocks } = extendedModel;
    if (clusters === null) throw new Error('the model has clusters');
    expect(refused({ clusters: null })).toThrow(/no clusters where its shape says 20/);
    expect(() => writeImage({ ...model, clusters })).toThrow(/clusters do not have the shape/);
    const clusterOfToken = clusters.clusterOfToken.slice();
    clusterOfToken[0] = 20;
    expect(refused({ clusters: { ...clusters, clusterOfToken } })).toThrow(/token 0 is in cluster 20/);
    const without = clusters.clusterOfToken.map((cluster) => (cluster === 7 ? 8 : cluster));
    expect(refused({ clusters: { ...clusters, clusterOfToken: without } })).toThrow(
      /no token is in cluster 7/,
    );
    const short = { ...blocks[1], writeBias: blocks[1].writeBias.subarray(1) };
    expect(refused({ blocks: [blocks[0], short] })).toThrow(/write_bias of block 1 has 5 values/);
  });

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
