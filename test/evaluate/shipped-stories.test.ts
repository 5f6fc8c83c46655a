import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SAMPLE } from '../../src/evaluate/samples.js';
import { STORY_PROMPTS } from '../../src/evaluate/story-prompts.js';
import { storyTeller } from '../../src/evaluate/told-stories.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { imageFingerprint, readImage } from '../../src/image/read.js';
import { escapeMarkdown } from '../../src/markdown.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../../src/model/find.js';
import { hexadecimal } from '../../src/parity/parity.js';
import { resultsSchema } from '../../src/results/figures.js';

/** What is committed beside the models is of the models that ship; whoever replaces one writes it again. */

const read = (...parts: string[]) => readFile(path.join(PACKAGE_ROOT, ...parts), 'utf8');

describe('the fifty stories of the default model: if this fails, run the command that they name', () => {
  it('are of the image that ships, one for each prompt, in order', async () => {
    const report = await read('models', DEFAULT_MODEL, 'stories.md');
    const image = await readModelImage(await findModel(DEFAULT_MODEL));
    expect(report).toContain(`Model ${DEFAULT_MODEL}, fingerprint ${hexadecimal(imageFingerprint(image))}.`);
    expect(report.match(/^## \d+\. .*$/gm)).toEqual(
      STORY_PROMPTS.map((prompt, index) => `## ${index + 1}. ${escapeMarkdown(prompt)}`),
    );
  });

  it('are what it tells: the first, word for word', async () => {
    const report = await read('models', DEFAULT_MODEL, 'stories.md');
    const tell = storyTeller(readImage(await readModelImage(await findModel(DEFAULT_MODEL))));
    const { text } = tell({ ...DEFAULT_SAMPLE, prompt: STORY_PROMPTS[0] });
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    expect(report).toContain(
      `\n\n${lines.map((line) => `> ${escapeMarkdown(line)}`).join('\n>\n')}\n\n## 2. `,
    );
  });
});

describe('the card of each model that ships', () => {
  it('has the bits per character, the size and the parameters of docs/results.json', async () => {
    const { models } = resultsSchema.parse(JSON.parse(await read('docs', 'results.json')));
    expect(models.length).toBeGreaterThan(0);
    for (const { name, bpc, bytesInFlash, parameters } of models) {
      const card = await read('models', name, 'README.md');
      expect(card, name).toContain(`| bits per character | ${bpc.toFixed(4)} in integer arithmetic`);
      expect(card, name).toContain(`| model.flm, ${bytesInFlash.toLocaleString('en-US')} bytes |`);
      expect(card, name).toContain(` ${parameters.toLocaleString('en-US')} parameters`);
    }
  });
});
