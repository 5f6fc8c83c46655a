import { writeImage } from '../../src/image/write.js';
import type { IntegerModel } from '../../src/integer/model.js';
import { makeRandomModel } from '../integer/random-model.js';

/** Pieces over a small alphabet, so that they overlap and lengthen each other: what makes a greedy match hard. */
export function overlappingPieces(count: number): Uint8Array[] {
  const learned = new Set<string>();
  for (let i = 0; learned.size < count; i++) {
    let text = '';
    for (let rest = i + 5; rest > 0; rest = Math.floor(rest / 4)) {
      text += 'ab c'[rest % 4];
    }
    if (text.length > 1) {
      learned.add(text);
    }
  }
  const sorted = [...learned].map((text) => Buffer.from(text)).sort(Buffer.compare);
  return [
    new Uint8Array(0),
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...sorted.map((piece) => Uint8Array.from(piece)),
  ];
}

/** Small random models: even and odd sizes, one tap, one block, numbers at the limits of the arithmetic. */
export const MODELS: Record<string, IntegerModel> = {
  small: {
    ...makeRandomModel({ vocabulary: 263, dimension: 12, blocks: 2, hidden: 22, kernel: 3 }, 1),
  },
  odd: makeRandomModel({ vocabulary: 301, dimension: 13, blocks: 3, hidden: 27, kernel: 8 }, 2),
  oneTap: makeRandomModel({ vocabulary: 259, dimension: 20, blocks: 1, hidden: 40, kernel: 1 }, 3),
  narrowHidden: makeRandomModel({ vocabulary: 300, dimension: 44, blocks: 2, hidden: 8, kernel: 2 }, 4),
  extreme: makeRandomModel({ vocabulary: 290, dimension: 37, blocks: 4, hidden: 64, kernel: 8 }, 5, {
    extreme: true,
  }),
  wide: {
    ...makeRandomModel({ vocabulary: 457, dimension: 192, blocks: 2, hidden: 512, kernel: 8 }, 6),
    pieces: overlappingPieces(200),
  },
};

export const IMAGES = Object.fromEntries(
  Object.entries(MODELS).map(([name, model]) => [name, writeImage(model)]),
);
