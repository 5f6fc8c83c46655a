import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateBpc } from '../../src/evaluate/bpc.js';
import { FloatSession } from '../../src/float/forward.js';
import { writeImage } from '../../src/image/write.js';
import { quantise } from '../../src/quantise/quantise.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { transpiledSources } from '../fixtures/transpiled-sources.js';
import { makeRandomFloatModel } from '../float/random-model.js';

const CONFIG = { vocabulary: 257, dimension: 16, blocks: 1, hidden: 24, kernel: 4, context: 16 };
const tokenizer = new Tokenizer([]);
const floatModel = makeRandomFloatModel(CONFIG, 1);
const integerModel = quantise(floatModel, tokenizer.pieces);
const STORIES = ['Once upon a time.', 'A cat 🐈 said "hé".', 'The end'];

describe('evaluateBpc', () => {
  it('counts log2 V bits for every token of a model that knows nothing', async () => {
    const ignorant = makeRandomFloatModel(CONFIG, 2, 0);
    const result = await evaluateBpc({
      stories: STORIES,
      tokenizer,
      integerModel: quantise(ignorant, tokenizer.pieces),
      floatModel: ignorant,
    });
    // Without learned pieces a token is a byte; the cat takes four of them and is one character, é takes two.
    expect(result).toMatchObject({
      stories: 3,
      tokens: 17 + 22 + 7,
      characters: 17 + 18 + 7,
      unknownTokens: 0,
    });
    expect(result.bpc).toBeCloseTo((46 * Math.log2(257)) / 42, 10);
    expect(result.bpcFloat).toBeCloseTo((46 * Math.log2(257)) / 42, 10);
    expect(result.perStory[1]).toMatchObject({ tokens: 22, characters: 18 });
    expect(result.tokensPerCharacter).toBeCloseTo(46 / 42, 12);
    expect(result.charactersPerToken).toBeCloseTo(42 / 46, 12);
  });

  it('rounds activations to fewer bits where that is asked for', async () => {
    const bpcWith = async (activationBits?: number) =>
      (
        await evaluateBpc({
          stories: STORIES,
          tokenizer,
          integerModel,
          ...(activationBits === undefined ? {} : { activationBits }),
        })
      ).bpc;
    const chips = await bpcWith();
    expect(await bpcWith(13)).toBe(chips);
    const difference = async (bits: number) => Math.abs((await bpcWith(bits)) - chips);
    expect(await difference(3)).toBeGreaterThan(await difference(10));
    expect(await difference(10)).toBeGreaterThan(0);
  });

  it('is the mean surprise of the float model, story by story from an empty context', async () => {
    const result = await evaluateBpc({ stories: STORIES, tokenizer, integerModel, floatModel });
    const bits = STORIES.map((story) => {
      const session = new FloatSession(floatModel);
      const tokens = [...tokenizer.encode(story)];
      return [0, ...tokens.slice(0, -1)].reduce((sum, token, i) => {
        const probabilities = Array.from(session.step(token), Math.exp);
        const total = probabilities.reduce((a, b) => a + b, 0);
        return sum - Math.log2(probabilities[tokens[i]] / total);
      }, 0);
    });
    expect(result.bpcFloat).toBeCloseTo(bits.reduce((a, b) => a + b, 0) / result.characters, 10);
    expect(result.perStory[2].bpcFloat).toBeCloseTo(bits[2] / 7, 10);
    expect(Math.abs(result.bpc - (result.bpcFloat ?? 0))).toBeLessThan(0.02);
    expect(result.perStory[0].bpc).not.toBe(result.perStory[0].bpcFloat);
    const worst = result.perStory.reduce((a, b) => (b.bpc > a.bpc ? b : a));
    expect(result.spread.worst.bpc).toBe(worst.bpc);
    expect(result.spread.worst.opening).toBe(STORIES[result.spread.worst.index]);
    expect(result.spreadFloat?.mean).toBeCloseTo(
      result.perStory.reduce((sum, story) => sum + (story.bpcFloat ?? 0), 0) / 3,
      12,
    );
  });

  it('works without a float model and reports progress', async () => {
    const seen: number[] = [];
    const result = await evaluateBpc({
      stories: STORIES,
      tokenizer,
      integerModel,
      onProgress: ({ stories, tokens, totalTokens }) => {
        seen.push(stories, tokens / totalTokens);
      },
    });
    expect(result.bpcFloat).toBeNull();
    expect(result.spreadFloat).toBeNull();
    expect(result.perStory[0].bpcFloat).toBeNull();
    expect([seen[0], seen[2], seen.at(-1)]).toEqual([1, 2, 1]);
  });

  it('refuses what it cannot evaluate', async () => {
    const good = { stories: STORIES, tokenizer, integerModel };
    await expect(evaluateBpc({ ...good, stories: [] })).rejects.toThrow(/no story/);
    await expect(evaluateBpc({ ...good, stories: ['a', ''] })).rejects.toThrow(/empty/);
    await expect(evaluateBpc({ ...good, workers: 0 })).rejects.toThrow(/number of workers/);
    const decodeBytes = (tokens: ArrayLike<number>) => tokenizer.decodeBytes(tokens);
    const other = { encode: () => Uint16Array.of(257), decodeBytes };
    await expect(evaluateBpc({ ...good, tokenizer: other })).rejects.toThrow(/beyond the model/);
    const forgetful = { encode: (text: string) => tokenizer.encode(text.slice(1)), decodeBytes };
    await expect(evaluateBpc({ ...good, tokenizer: forgetful })).rejects.toThrow(
      /does not give a story back/,
    );
    const incomplete = { ...floatModel, parameters: new Map() };
    await expect(evaluateBpc({ ...good, floatModel: incomplete })).rejects.toThrow(/no parameter/);
  });
});

describe('evaluateBpc in worker threads', () => {
  const folder = transpiledSources();
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the same figures, from compiled JavaScript', async () => {
    writeFileSync(path.join(folder, 'model.flm'), writeImage(integerModel));
    const program = `
      import { readFileSync } from 'node:fs';
      import { evaluateBpc } from './evaluate/bpc.js';
      import { CAN_USE_WORKERS } from './evaluate/worker-pool.js';
      import { readImage } from './image/read.js';
      import { Tokenizer } from './tokenizer/tokenizer.js';
      const result = await evaluateBpc({
        stories: ${JSON.stringify(STORIES)},
        tokenizer: new Tokenizer([]),
        integerModel: readImage(readFileSync(new URL('./model.flm', import.meta.url))),
        workers: 2,
      });
      console.log(JSON.stringify({ CAN_USE_WORKERS, result }));`;
    writeFileSync(path.join(folder, 'main.js'), program);
    const output = execFileSync(process.execPath, [path.join(folder, 'main.js')], { encoding: 'utf8' });
    const expected = await evaluateBpc({ stories: STORIES, tokenizer, integerModel });
    expect(JSON.parse(output)).toEqual({ CAN_USE_WORKERS: true, result: expected });
  });
});
