import { expect, it } from 'vitest';
import { writeImage } from '../../src/image/write.js';
import { PRESETS } from '../../src/model/presets.js';
import { imageBytesOf } from '../../src/report/image-size.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';
import { imageWithPieces } from './image.js';

it.each([
  ['small', SMALL_CONFIG],
  ['small (memory)', { ...SMALL_CONFIG, memory: { heads: 3, slots: 7 } }],
  ['small (clusters)', { ...SMALL_CONFIG, clusters: 11 }],
  ['odd', { vocabulary: 257, dimension: 21, blocks: 3, hidden: 4, kernel: 1 }],
])('is exact for a %s shape whose pieces are known', (_, shape) => {
  const model = makeRandomModel(shape, 1);
  const pieceBytes = model.pieces.reduce((sum, { length }) => sum + length, 0);
  expect(imageBytesOf(shape, pieceBytes)).toBe(writeImage(model).length);
});

it.each([
  ['nano', 4],
  ['mcu', 6],
  ['v4', 7],
] as const)('estimates %s within one percent if its pieces average %i bytes', (preset, bytesOfPiece) => {
  const real = imageWithPieces(PRESETS[preset], bytesOfPiece).length;
  expect(Math.abs(imageBytesOf(PRESETS[preset]) - real)).toBeLessThan(real / 100);
});
