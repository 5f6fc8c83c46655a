import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { writeImage } from '../../src/image/write.js';
import { quantise } from '../../src/quantise/quantise.js';
import { evaluateImage } from '../../src/results/evaluate-image.js';
import { remember } from '../../src/results/remember.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'flashlm-remember-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const folder = () => path.join(cache, 'flashlm-mcu', 'results');

describe('remember', () => {
  const schema = z.strictObject({ value: z.number() });
  const measure = vi.fn(async () => ({ value: 1.5 }));
  const ask = (inputs: (string | Uint8Array)[], code = ['picture'], isFinal = true) =>
    remember({ name: 'test', inputs, code, schema, measure, isFinal: () => isFinal });
  beforeEach(() => measure.mockClear());

  it('measures the same once', async () => {
    expect(await ask(['a'])).toEqual({ value: 1.5 });
    expect(await ask(['a'])).toEqual({ value: 1.5 });
    expect(measure).toHaveBeenCalledTimes(1);
  });

  it('measures anew what depends on anything else', async () => {
    await ask(['a', 'b']);
    await ask(['ab']);
    await ask([new Uint8Array([97]), new Uint8Array([98, 0])]);
    await ask(['a', 'b'], ['picture', 'results']);
    expect(measure).toHaveBeenCalledTimes(4);
    expect(await readdir(folder())).toHaveLength(4);
  });

  it.each(['', '{', '{"value": "1"}', '{"other": 1}'])('measures anew where %j was kept', async (damaged) => {
    await ask(['a']);
    const [name] = await readdir(folder());
    await writeFile(path.join(folder(), name), damaged);
    expect(await ask(['a'])).toEqual({ value: 1.5 });
    expect(measure).toHaveBeenCalledTimes(2);
    expect(JSON.parse(await readFile(path.join(folder(), name), 'utf8'))).toEqual({ value: 1.5 });
  });

  it('does not keep what another try might find', async () => {
    await ask(['a'], ['picture'], false);
    await ask(['a'], ['picture'], false);
    expect(measure).toHaveBeenCalledTimes(2);
    expect(await readdir(folder())).toEqual([]);
  });

  it('keeps nothing of a measurement that failed', async () => {
    measure.mockRejectedValueOnce(new Error('cut off'));
    await expect(ask(['a'])).rejects.toThrow('cut off');
    expect(await ask(['a'])).toEqual({ value: 1.5 });
  });
});

describe('evaluateImage', () => {
  const config = { vocabulary: 259, dimension: 16, blocks: 1, hidden: 24, kernel: 4, context: 16 };
  const imageOf = (seed: number) =>
    writeImage(quantise(makeRandomFloatModel(config, seed), new Tokenizer(['the ', 'cat']).pieces));
  const stories = {
    evaluation: { name: 'two.txt', sha256: 'a'.repeat(64), stories: 2 },
    stories: ['The cat ran.', 'A dog.'],
  };

  it('uses what it remembers of an image and of stories, and of no other', async () => {
    const measured = await evaluateImage(imageOf(1), stories);
    const [name] = await readdir(folder());
    const kept = { ...measured, bpc: 0.125 };
    await writeFile(path.join(folder(), name), JSON.stringify(kept));
    expect(await evaluateImage(imageOf(1), stories)).toEqual(kept);

    const other = await evaluateImage(imageOf(2), stories);
    expect(other.bpc).not.toBe(kept.bpc);
    expect(other.bpc).not.toBe(measured.bpc);
    const { evaluation } = stories;
    const otherStories = { ...stories, evaluation: { ...evaluation, sha256: 'b'.repeat(64) } };
    expect(await evaluateImage(imageOf(1), otherStories)).toEqual(measured);
    const fewer = { evaluation: { ...evaluation, stories: 1 }, stories: stories.stories.slice(0, 1) };
    expect((await evaluateImage(imageOf(1), fewer)).bpc).not.toBe(kept.bpc);
  });
});
