import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SAMPLE } from '../../src/evaluate/samples.js';
import { checkReplaceable, storiesReport, type ToldStories } from '../../src/evaluate/stories-report.js';
import { toldFigures } from '../../src/evaluate/story-figures.js';

const STORIES = [
  { ...DEFAULT_SAMPLE, prompt: 'Tom ran.', text: 'Tom ran.\n\nHe *fell*.', sampledTokens: 5, ended: true },
  {
    ...DEFAULT_SAMPLE,
    prompt: 'A cat',
    seed: 2,
    text: 'A cat\u0007\n# sat down',
    sampledTokens: 256,
    ended: false,
  },
];
const TOLD: ToldStories = {
  model: 'my_model',
  fingerprint: '0123abcd',
  settings: { temperature: 0.8, topK: 40, tokens: 256, seed: 1 },
  command: 'flashlm-mcu eval --stories',
  figures: { model: toldFigures(STORIES, null), real: null },
  stories: STORIES,
};

describe('storiesReport', () => {
  const report = storiesReport(TOLD);

  it('says who told the stories, how, and what they measure', () => {
    for (const part of [
      '# 2 stories by my\\_model',
      'fingerprint 0123abcd',
      'Temperature 0.8, top 40, at most 256 tokens',
      '\n    flashlm-mcu eval --stories\n',
      '| words in a story | 4 |',
      '| stories that end within the tokens | 50.0% |',
    ]) {
      expect(report).toContain(part);
    }
  });

  it('holds every story, paragraphs apart, whatever Markdown would make of it', () => {
    expect(report).toContain(
      '## 1. Tom ran.\n\nSeed 1, ended by the model after 5 tokens.\n\n> Tom ran.\n>\n> He \\*fell\\*.\n',
    );
    expect(report).toContain(
      '## 2. A cat\n\nSeed 2, cut off after 256 tokens.\n\n> A cat \n>\n> \\# sat down\n',
    );
  });

  it('is the same for the same stories', () => {
    expect(storiesReport(TOLD)).toBe(report);
  });
});

describe('checkReplaceable', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flashlm-stories-report-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('lets new files be written and its own be replaced', async () => {
    await checkReplaceable(path.join(folder, 'new.md'));
    await checkReplaceable(path.join(folder, 'new/folder/new.md'));
    const own = path.join(folder, 'own.md');
    await writeFile(own, storiesReport(TOLD));
    await checkReplaceable(own);
  });

  it('protects everything else', async () => {
    const data = path.join(folder, 'data.txt');
    await writeFile(data, 'Once upon a time');
    await expect(checkReplaceable(data)).rejects.toThrow(/data\.txt is there already/);
    const directory = path.join(folder, 'directory');
    await mkdir(directory);
    await expect(checkReplaceable(directory)).rejects.toThrow(/directory is there already/);
    await expect(checkReplaceable(path.join(data, 'below.md'))).rejects.toThrow(/cannot be written/);
  });
});
