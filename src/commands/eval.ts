import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { type Checkpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { readStories } from '../data/stories.js';
import { FlashlmError } from '../errors.js';
import { type BpcResult, evaluateBpc } from '../evaluate/bpc.js';
import { formatEvaluation } from '../evaluate/format.js';
import { readImage } from '../image/read.js';
import type { IntegerModel } from '../integer/model.js';
import { ACTIVATION_BITS } from '../integer/quantiser.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import {
  chooseStoriesFile,
  type EvalStoriesOptions,
  formatTold,
  requireNoTellingOptions,
  tellAndMeasure,
} from './eval-stories.js';
import { integerBetween } from './options.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';
import { addStoryOptions } from './story-options.js';

const EXAMPLES = `
Examples:
  flashlm-mcu eval --data stories.txt
  flashlm-mcu eval --model checkpoints/mine --data stories.txt --first 100 --json
  flashlm-mcu eval --stories
  flashlm-mcu eval --stories --data stories.txt --out models/mcu/stories.md
--stories has the model tell 50 stories from fixed prompts, story k with seed --seed + k - 1, measures how they repeat
themselves, keep their names and end, and writes them to a Markdown file. With --data it measures the real stories the
same way, beside their bits per character. --stories with a number is an older spelling of --first.
`;

/** `eval`: lossless bits per character of the chip's arithmetic and of the float model, and what it tells. */
export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .description(
      'bits per character on stories, lossless, in integer and in float; quality of 50 told stories',
    )
    .option('--data <files...>', 'story files or folders of .txt files')
    .option('--model <name>', 'a shipped model, a checkpoint folder, or an image', DEFAULT_MODEL)
    .option('--first <n>', 'use the first n stories of --data only', integerBetween(1, 1e9))
    .option('--stories [n]', 'have the model tell 50 stories and measure them', integerBetween(1, 1e9))
    .option('--out <file>', 'where the told stories go (default: stories-MODEL.md)');
  addStoryOptions(command)
    .option(
      '--activation-bits <n>',
      'an experiment: round activations to fewer bits than the chip does',
      integerBetween(2, ACTIVATION_BITS),
    )
    .option('--workers <n>', 'worker threads', integerBetween(1, 256))
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runEval);
}

interface EvalOptions extends EvalStoriesOptions {
  /** A number says how many stories of the data to use, as --first does. */
  stories?: number | true;
  activationBits?: number;
  json?: boolean;
}

async function runEval(options: EvalOptions, command: Command): Promise<void> {
  const tells = options.stories === true;
  if (!tells) requireNoTellingOptions(command);
  if (!tells && options.data === undefined) {
    throw new FlashlmError(
      'bad-argument',
      'There are no stories to evaluate on.',
      'Give --data FILE, or --stories to have the model tell some.',
    );
  }
  const first = options.first ?? (typeof options.stories === 'number' ? options.stories : undefined);
  const files = await findModel(options.model);
  const image = await readModelImage(files);
  const integerModel = readImage(image);
  const storiesFile = tells ? await chooseStoriesFile(options.out, integerModel) : null;
  const stories = options.data === undefined ? null : (await readStories(options.data)).slice(0, first);

  const result =
    stories === null ? null : await evaluateStories(stories, integerModel, files.directory, options);
  const told =
    storiesFile === null
      ? null
      : await tellAndMeasure({
          options,
          model: integerModel,
          image,
          file: storiesFile,
          realStories: stories,
        });
  const { name } = integerModel;
  printResult(options.json, { model: name, ...result, ...(told === null ? {} : { told }) }, () => [
    ...(result === null ? [] : formatEvaluation(name, result)),
    ...(told === null ? [] : formatTold(name, told)),
  ]);
}

/** Bits per character, with a progress bar. */
async function evaluateStories(
  stories: string[],
  integerModel: IntegerModel,
  directory: string,
  { workers, activationBits }: Pick<EvalOptions, 'workers' | 'activationBits'>,
): Promise<BpcResult> {
  const checkpoint = await readCheckpointBeside(directory);
  const tokenizer = tokenizerOf(integerModel, checkpoint);
  const bar = startProgressBar('evaluating');
  return evaluateBpc({
    stories,
    tokenizer,
    integerModel,
    ...(checkpoint === null ? {} : { floatModel: checkpoint.model }),
    ...(workers === undefined ? {} : { workers }),
    ...(activationBits === undefined ? {} : { activationBits }),
    onProgress: ({ stories: done, totalStories, tokens, totalTokens }) =>
      bar.update(tokens / totalTokens, `${done} of ${totalStories} stories`),
  }).finally(() => bar.stop());
}

/** The checkpoint beside an image; null where there is only the image. */
async function readCheckpointBeside(directory: string): Promise<Checkpoint | null> {
  const weights = await stat(path.join(directory, 'model.safetensors')).catch(() => null);
  return weights === null ? null : readCheckpoint(directory);
}

/**
 * An imported model learned its texts as GPT-2 cuts them, and is measured on them; an image alone, like a chip, cuts
 * them greedily (docs/import.md says how often that differs).
 */
function tokenizerOf({ pieces }: IntegerModel, checkpoint: Checkpoint | null): Tokenizer {
  const trained = checkpoint?.tokenizer;
  const isSame =
    trained?.vocabularySize === pieces.length &&
    trained.pieces.every((piece, token) => Buffer.compare(piece, pieces[token]) === 0);
  return isSame && trained.cut === 'gpt2' ? trained : Tokenizer.fromPieces(pieces);
}
