import tf, { type Tensor2D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { startBackend } from '../../src/train/backend.js';
import { hiddenStates } from '../../src/train/graph.js';
import { type NativeEngine, startNativeEngine } from '../../src/train/native-engine.js';
import { nativeLibrary } from '../../src/train/native-library.js';
import { Random } from '../../src/train/random.js';
import { trainedLikeParameters } from './trained-like.js';

/**
 * Training computes all tokens of a window together, where a glance at the future would lower every loss and show
 * nowhere else. So a token is changed, and all that was computed before it must stay the same, bit for bit.
 */

const PLAIN: ModelConfig = { vocabulary: 90, dimension: 24, blocks: 2, hidden: 36, kernel: 5, context: 40 };
const MEMORY = { memory: { heads: 4, slots: 3 } };
const CLUSTERS = { clusters: 8 };
const SHAPES: { name: string; config: ModelConfig }[] = [
  { name: 'a plain model', config: PLAIN },
  { name: 'a memory', config: { ...PLAIN, ...MEMORY } },
  { name: 'clusters', config: { ...PLAIN, ...CLUSTERS } },
  { name: 'a memory and clusters', config: { ...PLAIN, ...MEMORY, ...CLUSTERS } },
];

const random = new Random(12);
const TOKENS = Int32Array.from({ length: PLAIN.context }, () =>
  Math.floor(random.uniform() * PLAIN.vocabulary),
);
/** Where the window is changed: its second token, tokens in the middle, its last. */
const CHANGED = [1, 16, 17, 30, PLAIN.context - 1];

function withOtherToken(place: number): Int32Array {
  const other = TOKENS.slice();
  other[place] = (other[place] + 1) % PLAIN.vocabulary;
  return other;
}

/** @param compute a window's rows, one after another, each after one token */
function expectCausal(compute: (tokens: Int32Array) => Float32Array): void {
  const before = compute(TOKENS);
  const width = before.length / TOKENS.length;
  for (const place of CHANGED) {
    const after = compute(withOtherToken(place));
    expect(after.subarray(0, place * width), `before token ${place}`).toEqual(
      before.subarray(0, place * width),
    );
    const own = [place * width, (place + 1) * width] as const;
    expect(after.subarray(...own), `after token ${place}`).not.toEqual(before.subarray(...own));
  }
}

beforeAll(async () => {
  await startBackend();
});

describe('tfjs sees no token before its turn', () => {
  it.each(SHAPES)('with $name', ({ config }) => {
    const flat = trainedLikeParameters(config);
    expectCausal((tokens) =>
      tf.tidy(() => {
        const parameters = parameterLayout(config).parameters.map((parameter) =>
          tf.tensor(parameterView(flat, parameter), parameter.shape),
        );
        const inputs = tf.tensor2d(tokens, [1, tokens.length], 'int32') as Tensor2D;
        return hiddenStates(config, parameters, inputs).dataSync() as Float32Array;
      }),
    );
  });
});

const compiled = await nativeLibrary(() => undefined);
const native = 'missing' in compiled ? null : compiled;

describe.skipIf(native === null)(
  'the engine in C sees no token before its turn (skipped: no C compiler)',
  () => {
    const engines: NativeEngine[] = [];
    afterAll(async () => {
      for (const engine of engines) await engine.close();
    });

    for (const integers of [false, true]) {
      it.each(SHAPES)(`with $name, ${integers ? '16-bit integers' : 'floats'}`, ({ config }) => {
        native?.loadBlas(null);
        const engine = native && startNativeEngine(native, config, 1, integers, null);
        if (engine === null) throw new Error('memory is short');
        engines.push(engine);
        engine.parameters.set(trainedLikeParameters(config));
        expectCausal((tokens) => engine.logits(tokens));
      });
    }
  },
);
