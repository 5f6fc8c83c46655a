import { describe, expect, it } from 'vitest';
import { FloatSession } from '../../src/float/forward.js';
import type { FloatModel } from '../../src/float/model.js';
import { readImage } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { IntegerSession } from '../../src/integer/forward.js';
import { findBrokenInvariant } from '../../src/integer/invariants.js';
import type { IntegerModel } from '../../src/integer/model.js';
import type { ModelConfig } from '../../src/model/config.js';
import { quantise } from '../../src/quantise/quantise.js';
import { HAS_FIXTURE, readFixture } from '../float/fixture.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { makePieces, RandomNumbers } from '../integer/random-model.js';

const CONFIG = { vocabulary: 300, dimension: 64, blocks: 3, hidden: 160, kernel: 8, context: 64 };
const PIECES = makePieces(CONFIG.vocabulary);
const SHAPES: [string, ModelConfig][] = [
  ['FlashLM v4', CONFIG],
  ['a memory', { ...CONFIG, memory: { heads: 4, slots: 8 } }],
  ['a memory of one slot', { ...CONFIG, memory: { heads: 64, slots: 1 } }],
  ['a memory of many slots', { ...CONFIG, kernel: 2, memory: { heads: 2, slots: 33 } }],
  ['clusters', { ...CONFIG, clusters: 20 }],
  ['a memory and clusters', { ...CONFIG, memory: { heads: 8, slots: 5 }, clusters: 17 }],
];

/** The float model whose embedding and clusters are exactly those that the integer model holds. */
function withQuantisedEmbedding(model: FloatModel, integer: IntegerModel): FloatModel {
  const parameters = new Map(model.parameters);
  const { dimension } = model.config;
  const floatOf = (values: Int8Array, multiplier: Uint16Array, fractionBits: number) =>
    Float32Array.from(
      values,
      (value, i) => (value * multiplier[Math.floor(i / dimension)]) / 2 ** fractionBits,
    );
  const fractionBits = integer.embeddingShift + 16;
  parameters.set('embedding.weight', floatOf(integer.embedding, integer.embeddingMultiplier, fractionBits));
  if (integer.clusters !== null) {
    const { weights, multiplier, headLeftShift, headRightShift } = integer.clusters;
    // Both levels multiply the same activations, so their shifts differ by their fraction bits alone.
    const bits =
      fractionBits + (headRightShift - headLeftShift) - (integer.headRightShift - integer.headLeftShift);
    parameters.set('head.clusters.weight', floatOf(weights, multiplier, bits));
  }
  return { ...model, parameters };
}

/** Root mean square of the logits' error over that of the logits. */
function relativeLogitError(float: FloatModel, integer: IntegerModel, story: number[]): number {
  const floatSession = new FloatSession(float);
  const integerSession = new IntegerSession(integer);
  let errors = 0;
  let squares = 0;
  for (const token of story) {
    const expected = floatSession.step(token);
    const logits = integerSession.step(token);
    for (let i = 0; i < logits.length; i++) {
      errors += (logits[i] / 65536 - expected[i]) ** 2;
      squares += expected[i] ** 2;
    }
  }
  return Math.sqrt(errors / squares);
}

function randomStory(vocabulary: number): number[] {
  const random = new RandomNumbers(61);
  return [0, ...Array.from({ length: 60 }, () => random.integer(0, vocabulary - 1))];
}

describe('quantise', () => {
  it.each(SHAPES)('keeps the logits of the float model: %s', (_, config) => {
    for (const [seed, embeddingScale] of [
      [1, 0.02],
      [2, 0.4],
      [3, 2],
    ]) {
      const model = makeRandomFloatModel(config, seed, embeddingScale);
      const integer = quantise(model, PIECES);
      const story = randomStory(CONFIG.vocabulary);
      // Eight bits of embedding cost most; the arithmetic itself is ten times finer.
      expect(relativeLogitError(model, integer, story)).toBeLessThan(0.04);
      expect(relativeLogitError(withQuantisedEmbedding(model, integer), integer, story)).toBeLessThan(0.005);
    }
  });

  it.skipIf(!HAS_FIXTURE)(
    'keeps the logits of the PyTorch fixture (skipped where ../shared/reference/fixture-tiny is not there)',
    () => {
      const { model, expected } = readFixture();
      const integer = quantise(model, makePieces(model.config.vocabulary));
      const session = new IntegerSession(integer);
      const error = expected.tokens.flatMap((token, t) =>
        Array.from(session.step(token), (logit, v) => logit / 65536 - expected.logits[t][v]),
      );
      const rootMeanSquare = (values: number[]) =>
        Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
      expect(rootMeanSquare(error) / rootMeanSquare(expected.logits.flat())).toBeLessThan(0.04);
    },
  );

  it.each(SHAPES)('gives a model that an image can hold, the same one every time: %s', (_, config) => {
    const model = makeRandomFloatModel(config, 4);
    const image = writeImage(quantise(model, PIECES));
    expect(Buffer.compare(image, writeImage(quantise(model, PIECES)))).toBe(0);
    expect(readImage(image)).toEqual(quantise(model, PIECES));
  });

  it.each(SHAPES)('copes with parameters of every magnitude, and with none: %s', (_, config) => {
    for (const factor of [0, 1e-30, 1e-6, 1e6, 1e12]) {
      const model = makeRandomFloatModel(config, 5);
      for (const [name, values] of model.parameters) {
        if (name === 'head.cluster_of_token') continue;
        values.forEach((value, i) => {
          values[i] = value * factor;
        });
      }
      const integer = quantise(model, PIECES);
      expect(findBrokenInvariant(integer)).toBeNull();
      const session = new IntegerSession(readImage(writeImage(integer)));
      const logits = [0, 5, 9].map((token) => session.step(token).slice());
      expect(logits.flatMap((step) => [...step]).every((logit) => Math.abs(logit) <= 2 ** 30)).toBe(true);
    }
  });

  it('refuses diverged weights and pieces of another tokenizer', () => {
    const model = makeRandomFloatModel(CONFIG, 6);
    expect(() => quantise(model, PIECES.slice(1))).toThrow(/299 tokens and the model 300/);
    model.parameters.get('final_norm.scale')?.fill(Number.POSITIVE_INFINITY, 0, 1);
    expect(() => quantise(model, PIECES)).toThrow(/not a finite number/);
  });
});
