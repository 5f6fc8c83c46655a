import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEvalCommand } from '../../src/commands/eval.js';
import { chooseStoriesFile } from '../../src/commands/eval-stories.js';
import { writeSample } from '../../src/evaluate/samples.js';
import { STORY_PROMPTS } from '../../src/evaluate/story-prompts.js';
import { imageFingerprint } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { quantise } from '../../src/quantise/quantise.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { runCommand } from './run-command.js';

const tokenizer = new Tokenizer(['the ', 'cat']);
const config = { vocabulary: 259, dimension: 16, blocks: 1, hidden: 24, kernel: 4, context: 16 };
const model = { ...quantise(makeRandomFloatModel(config, 1), tokenizer.pieces), name: 'tiny one' };
const image = writeImage(model);
const REAL = ['Once, Ann had a cat. Then Ann had two.', 'The end.', 'A dog ran.'];

let folder: string;
let imageFile: string;
let data: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-eval-stories-'));
  imageFile = path.join(folder, 'tiny.flm');
  data = path.join(folder, 'real.txt');
  await writeFile(imageFile, image);
  await writeFile(data, REAL.join('\n<|endoftext|>\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const evaluate = (...words: string[]) => runCommand(addEvalCommand, 'eval', '--model', imageFile, ...words);

describe('eval --stories', () => {
  it('has the model tell 50 stories, measures them and writes them down', async () => {
    const out = path.join(folder, 'shelf/told.md');
    const words = ['--stories', '--tokens', '8', '--seed', '3', '--temperature', '0.5', '--top-k', '9'];
    const { stdout, stderr } = await evaluate(...words, '--out', out, '--json');
    expect(stderr).toBe('');
    const result = JSON.parse(stdout);
    // Without --data there is nothing to count bits on, and nothing to compare with.
    expect(Object.keys(result)).toEqual(['model', 'told']);
    const { told } = result;
    expect(told).toMatchObject({
      file: out,
      fingerprint: imageFingerprint(image).toString(16).padStart(8, '0'),
      settings: { tokens: 8, seed: 3, temperature: 0.5, topK: 9 },
      figures: { model: { stories: 50 }, real: null },
    });
    expect(told.stories).toHaveLength(50);
    const settings = { tokens: 8, seed: 3 + 49, temperature: 0.5, topK: 9, prompt: STORY_PROMPTS[49] };
    expect(told.stories[49]).toEqual(writeSample(model, tokenizer, settings));
    const report = await readFile(out, 'utf8');
    expect(report.match(/^## /gm)).toHaveLength(50);
    expect(report).toContain('story k has seed 3 + k - 1');
    expect(report).toContain(
      '    flashlm-mcu eval --stories --model tiny.flm --temperature 0.5 --top-k 9 --tokens 8 --seed 3\n',
    );
    expect(await readdir(path.dirname(out))).toEqual(['told.md']);
    expect(JSON.parse((await evaluate(...words, '--out', out, '--json')).stdout)).toEqual(result);
    expect(await readFile(out, 'utf8')).toBe(report);
  });

  it('with --data measures real stories beside, and keeps the keys of eval as they are', async () => {
    const out = path.join(folder, 'beside.md');
    const words = ['--data', data, '--first', '2', '--json'];
    const alone = JSON.parse((await evaluate(...words)).stdout);
    expect(alone).toMatchObject({ model: 'tiny one', stories: 2, unknownTokens: 0, bpc: expect.any(Number) });
    expect(alone.told).toBeUndefined();
    const { stdout } = await evaluate('--stories', '--tokens', '4', '--out', out, ...words);
    const { told, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual(alone);
    // Nine words and two; a byte a token, so the longer one does not fit into 4 tokens, nor the shorter.
    expect(told.figures.real).toMatchObject({
      ...{ stories: 2, wordsPerStory: 5.5, ended: 0 },
      names: { storiesWithNames: 0.5, firstNameInLastThird: 1 },
    });
    const people = await evaluate('--stories', '--tokens', '4', '--out', out, '--data', data);
    expect(people.stdout).toMatch(/bits per character/);
    expect(people.stdout).toMatch(/tiny one +real stories\n/);
    expect(people.stdout).toContain(`The 50 stories, unselected, are in ${out}.`);
    expect(await readFile(out, 'utf8')).toContain('| stories | 50 | 3 |');
  });

  it('is named after the model where no file is given', async () => {
    expect(await chooseStoriesFile(undefined, { ...model, name: '../my model' })).toBe(
      'stories-..-my-model.md',
    );
  });

  it('with a number still means that many of the real stories', async () => {
    const older = await evaluate('--data', data, '--stories', '1', '--json');
    expect(older).toEqual(await evaluate('--data', data, '--first', '1', '--json'));
    expect(JSON.parse(older.stdout)).toMatchObject({ stories: 1 });
  });
});

describe('eval refuses', () => {
  const refusal = (code: string, what: RegExp) =>
    expect.objectContaining({ code, what: expect.stringMatching(what) });

  it('to replace what is no file of told stories, before it tells any', async () => {
    const words = ['--stories', '--data', data, '--out', data];
    await expect(evaluate(...words)).rejects.toEqual(refusal('bad-argument', /real\.txt is there already/));
    expect(await readFile(data, 'utf8')).toContain('Ann had a cat');
  });

  it('to evaluate nothing', async () => {
    await expect(evaluate()).rejects.toEqual(refusal('bad-argument', /no stories to evaluate on/));
    await expect(evaluate('--stories', '5')).rejects.toEqual(
      refusal('bad-argument', /no stories to evaluate on/),
    );
  });

  it.each([
    ['--tokens', '5'],
    ['--seed', '5'],
    ['--temperature', '0.5'],
    ['--top-k', '5'],
    ['--out', 'a.md'],
  ])('%s where no story is told', async (option, value) => {
    await expect(evaluate('--data', data, option, value)).rejects.toEqual(
      refusal('bad-argument', new RegExp(`^${option} `)),
    );
  });

  it.each([
    ['--temperature', '0.05', 'Give a number from 0.1 to 10.'],
    ['--top-k', '65', 'Give a whole number from 1 to 64.'],
    ['--tokens', '0', 'Give a whole number from 1 to 65535.'],
    ['--first', '0', 'Give a whole number from 1 to 1000000000.'],
    ['--stories', 'many', 'Give a whole number from 1 to 1000000000.'],
  ])('%s %s', async (option, value, sentence) => {
    await expect(evaluate('--stories', option, value)).rejects.toThrow(sentence);
  });

  it('real stories that are not there', async () => {
    await expect(evaluate('--stories', '--data', path.join(folder, 'none.txt'))).rejects.toEqual(
      refusal('missing-file', /none\.txt/),
    );
  });
});
