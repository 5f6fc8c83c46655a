import { expect, it } from 'vitest';
import { floatStoryBits, integerStoryBits } from '../../src/evaluate/story-bits.js';
import { FloatSession } from '../../src/float/forward.js';
import { IntegerSession } from '../../src/integer/forward.js';
import { quantise } from '../../src/quantise/quantise.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { makePieces, RandomNumbers } from '../integer/random-model.js';

const CONFIG = { vocabulary: 300, dimension: 48, blocks: 2, hidden: 100, kernel: 3, context: 64 };

it.each([
  ['FlashLM v4', {}],
  ['a memory', { memory: { heads: 4, slots: 8 } }],
  ['clusters', { clusters: 20 }],
  ['a memory and clusters', { memory: { heads: 6, slots: 5 }, clusters: 17 }],
])(
  'the chip spends the bits of the float model, less than half a percent more or fewer: %s',
  (_, extensions) => {
    const config = { ...CONFIG, ...extensions };
    const model = makeRandomFloatModel(config, 1, 0.2);
    const float = new FloatSession(model);
    const integer = new IntegerSession(quantise(model, makePieces(config.vocabulary)));
    const random = new RandomNumbers(71);
    for (let story = 0; story < 3; story++) {
      const tokens = Array.from({ length: 41 }, () => random.integer(1, config.vocabulary - 1));
      const expected = floatStoryBits(float, tokens);
      expect(expected).toBeGreaterThan(41 * 7);
      expect(Math.abs(integerStoryBits(integer, tokens) / expected - 1)).toBeLessThan(0.005);
    }
  },
);
