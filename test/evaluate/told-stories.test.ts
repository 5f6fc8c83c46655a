import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../src/evaluate/samples.js';
import { STORY_PROMPTS } from '../../src/evaluate/story-prompts.js';
import { tellStories } from '../../src/evaluate/told-stories.js';
import { writeImage } from '../../src/image/write.js';
import { quantise } from '../../src/quantise/quantise.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { transpiledSources } from '../fixtures/transpiled-sources.js';
import { makeRandomFloatModel } from '../float/random-model.js';

const tokenizer = new Tokenizer(['the ', 'cat']);
const config = { vocabulary: 259, dimension: 16, blocks: 1, hidden: 24, kernel: 4, context: 16 };
const model = quantise(makeRandomFloatModel(config, 1), tokenizer.pieces);
const SETTINGS = { tokens: 6, seed: 7, temperature: 0.8, topK: 40 };

describe('tellStories', () => {
  it('tells what a chip tells: each prompt with its own seed, in order', async () => {
    const progress: number[] = [];
    const stories = await tellStories({
      model,
      settings: SETTINGS,
      onProgress: (done, ofStories) => progress.push(done / ofStories),
    });
    expect(stories.map(({ prompt }) => prompt)).toEqual(STORY_PROMPTS);
    for (const index of [0, 1, 49]) {
      const settings = { ...SETTINGS, prompt: STORY_PROMPTS[index], seed: 7 + index };
      expect(stories[index]).toEqual(writeSample(model, tokenizer, settings));
    }
    expect(progress).toHaveLength(50);
    expect(progress.at(-1)).toBe(1);
  });

  it('goes on with seed 0 after the largest one', async () => {
    const stories = await tellStories({ model, settings: { ...SETTINGS, tokens: 1, seed: 2 ** 32 - 2 } });
    expect(stories.slice(0, 4).map(({ seed }) => seed)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0, 1]);
  });

  it('refuses settings that no chip takes', async () => {
    const withSettings = (settings: Partial<typeof SETTINGS>) =>
      tellStories({ model, settings: { ...SETTINGS, ...settings } });
    await expect(withSettings({ topK: 65 })).rejects.toThrow(/top-k/);
    await expect(withSettings({ temperature: 0.01 })).rejects.toThrow(/temperature/);
    await expect(withSettings({ tokens: 0 })).rejects.toThrow(/0 tokens/);
    await expect(tellStories({ model, settings: SETTINGS, workers: 0 })).rejects.toThrow(/workers/);
  });
});

describe('tellStories in worker threads', () => {
  const folder = transpiledSources();
  afterAll(() => rmSync(folder, { recursive: true }));

  it('tells the same stories, however many there are, from compiled JavaScript', async () => {
    writeFileSync(path.join(folder, 'model.flm'), writeImage(model));
    const program = `
      import { readFileSync } from 'node:fs';
      import { tellStories } from './evaluate/told-stories.js';
      import { CAN_USE_WORKERS } from './evaluate/worker-pool.js';
      import { readImage } from './image/read.js';
      const model = readImage(readFileSync(new URL('./model.flm', import.meta.url)));
      const tell = (workers) => tellStories({ model, settings: ${JSON.stringify(SETTINGS)}, workers });
      console.log(JSON.stringify({ CAN_USE_WORKERS, one: await tell(1), three: await tell(3) }));`;
    writeFileSync(path.join(folder, 'main.js'), program);
    const output = execFileSync(process.execPath, [path.join(folder, 'main.js')], { encoding: 'utf8' });
    const stories = await tellStories({ model, settings: SETTINGS });
    expect(JSON.parse(output)).toEqual({ CAN_USE_WORKERS: true, one: stories, three: stories });
  });
});
