import path from 'node:path';
import type { Command } from 'commander';
import { FlashlmError } from '../errors.js';
import { figureRows, type StoryComparison } from '../evaluate/figure-rows.js';
import type { Sample } from '../evaluate/samples.js';
import { checkReplaceable, storiesReport } from '../evaluate/stories-report.js';
import { realFigures, toldFigures } from '../evaluate/story-figures.js';
import { type TellingSettings, tellStories } from '../evaluate/told-stories.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { imageFingerprint } from '../image/read.js';
import type { IntegerModel } from '../integer/model.js';
import { DEFAULT_MODEL } from '../model/find.js';
import { hexadecimal } from '../parity/parity.js';
import { quoteForShell } from '../quote.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { startProgressBar } from './progress-bar.js';
import type { StoryOptions } from './story-options.js';
import { formatTable } from './table.js';

/** Options of `eval` that say how its stories are told. */
export interface EvalStoriesOptions extends StoryOptions {
  model: string;
  data?: string[];
  first?: number;
  workers?: number;
  out?: string;
}

/** What `eval --stories` adds to the JSON document of `eval`. */
export interface ToldResult {
  /** Where the stories are for people. */
  file: string;
  fingerprint: string;
  settings: TellingSettings;
  figures: StoryComparison;
  stories: Sample[];
}

export interface EvalStoriesInput {
  options: EvalStoriesOptions;
  model: IntegerModel;
  image: Uint8Array;
  file: string;
  /** null where there are none to compare with. */
  realStories: string[] | null;
}

const TELLING_OPTIONS: Record<string, string> = {
  tokens: '--tokens',
  seed: '--seed',
  temperature: '--temperature',
  topK: '--top-k',
  out: '--out',
};

/** @throws FlashlmError `bad-argument` where an option says how stories are told, and none are to be told */
export function requireNoTellingOptions(command: Command): void {
  const given = Object.keys(TELLING_OPTIONS).find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  throw new FlashlmError(
    'bad-argument',
    `${TELLING_OPTIONS[given]} is about the stories that the model tells, and it is to tell none.`,
    'Add --stories, or leave it out.',
  );
}

/**
 * Where the stories go: --out, or a file in this folder that is named after the model.
 *
 * @throws FlashlmError `bad-argument` where something else lies there
 */
export async function chooseStoriesFile(out: string | undefined, model: IntegerModel): Promise<string> {
  const file = out ?? `stories-${model.name.replace(/[^\w.-]+/g, '-')}.md`;
  await checkReplaceable(file);
  return file;
}

/** Has the model tell its stories, measures them, and writes them down. */
export async function tellAndMeasure(input: EvalStoriesInput): Promise<ToldResult> {
  const { options, model, image, file, realStories } = input;
  const { tokens, seed, temperature, topK, workers } = options;
  const settings = { tokens, seed, temperature, topK };
  const bar = startProgressBar('telling');
  const stories = await tellStories({
    ...{ model, settings },
    ...(workers === undefined ? {} : { workers }),
    onProgress: (done, ofStories) => bar.update(done / ofStories, `${done} of ${ofStories} stories`),
  }).finally(() => bar.stop());
  const figures = {
    model: toldFigures(stories, realStories),
    real: realStories === null ? null : realFigures(realStories, Tokenizer.fromPieces(model.pieces), tokens),
  };
  const fingerprint = hexadecimal(imageFingerprint(image));
  const command = commandOf(options);
  await writeFileAtomically(
    file,
    storiesReport({ model: model.name, fingerprint, settings, command, figures, stories }),
  );
  return { file, fingerprint, settings, figures, stories };
}

/** The figures as lines for people. */
export function formatTold(model: string, { file, figures }: ToldResult): string[] {
  return [
    ...formatTable(figureRows(model, figures)),
    `The ${figures.model.stories} stories, unselected, are in ${file}.`,
  ];
}

/** What tells the same stories again. Where files lie on this machine is left out. */
function commandOf({ model, data, first, tokens, seed, temperature, topK }: EvalStoriesOptions): string {
  const words = ['flashlm-mcu', 'eval', '--stories'];
  if (model !== DEFAULT_MODEL) words.push('--model', path.basename(path.resolve(model)));
  if (data !== undefined) words.push('--data', ...data.map((file) => path.basename(path.resolve(file))));
  if (first !== undefined) words.push('--first', String(first));
  words.push('--temperature', String(temperature), '--top-k', String(topK));
  words.push('--tokens', String(tokens), '--seed', String(seed));
  return words.map(quoteForShell).join(' ');
}
