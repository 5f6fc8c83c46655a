import { requireReplaceable } from '../files/replaceable.js';
import { escapeMarkdown, markdownTable } from '../markdown.js';
import { figureRows, type StoryComparison } from './figure-rows.js';
import type { Sample } from './samples.js';
import type { TellingSettings } from './told-stories.js';

/** First line of every file of told stories; only a file that begins with it is replaced. */
const MARK = '<!-- Written by flashlm-mcu eval --stories. -->';

/** All that the file of told stories says; plain data, so that the same stories give the same bytes. */
export interface ToldStories {
  /** Name of the model. */
  model: string;
  /** Of its image, eight hexadecimal digits. */
  fingerprint: string;
  settings: TellingSettings;
  /** What writes the same file again. */
  command: string;
  figures: StoryComparison;
  stories: readonly Sample[];
}

/** The stories and their figures as Markdown, for people to read. */
export function storiesReport(told: ToldStories): string {
  const { model, fingerprint, settings, command, figures, stories } = told;
  const { temperature, topK, tokens, seed } = settings;
  return `${[
    MARK,
    `# ${stories.length} stories by ${escapeMarkdown(model)}`,
    `All that were told, in order, none chosen and none changed: the prompts are fixed, story k has seed ` +
      `${seed === 1 ? 'k' : `${seed} + k - 1`}. Integer arithmetic, as on the chip: \`emulate\` and a board tell the same ones.`,
    `Model ${escapeMarkdown(model)}, fingerprint ${fingerprint}. Temperature ${temperature}, top ${topK}, at most ` +
      `${tokens} tokens after the prompt. Written, and measured, by`,
    `    ${command}`,
    markdownTable(figureRows(escapeMarkdown(model), figures)),
    'What each figure counts, and what it cannot tell: docs/evaluation.md.',
    ...stories.map(describeStory),
  ].join('\n\n')}\n`;
}

/**
 * Refuses a place that holds anything but an earlier file of told stories, before a minute is spent on telling them.
 *
 * @throws FlashlmError `bad-argument`
 */
export async function checkReplaceable(file: string): Promise<void> {
  await requireReplaceable(file, MARK, 'told stories');
}

function describeStory({ prompt, seed, text, ended, sampledTokens }: Sample, index: number): string {
  const end = ended ? 'ended by the model' : 'cut off';
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return [
    `## ${index + 1}. ${escapeMarkdown(prompt)}`,
    `Seed ${seed}, ${end} after ${sampledTokens} tokens.`,
    lines.map((line) => `> ${escapeMarkdown(line)}`).join('\n>\n'),
  ].join('\n\n');
}
