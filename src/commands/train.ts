import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { splitStories } from '../data/hold-out.js';
import { readStories } from '../data/stories.js';
import { probablyMeant } from '../did-you-mean.js';
import { FlashlmError } from '../errors.js';
import { evaluateBpc } from '../evaluate/bpc.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { writeImage } from '../image/write.js';
import { type ModelConfig, modelConfigSchema, parameterCount } from '../model/config.js';
import { PRESETS, type PresetName } from '../model/presets.js';
import { quantise } from '../quantise/quantise.js';
import { readTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { trainTokenizer } from '../tokenizer/train.js';
import type { Budget, TrainingProgress } from '../train/train.js';
import { integerBetween, numberBetween } from './options.js';
import { printResult } from './output.js';
import { formatDuration, type ProgressBar, startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu train --data stories.txt --minutes 60
  flashlm-mcu train --preset nano --data a.txt b.txt --steps 500 --out my-model
  flashlm-mcu train --config shape.json --data stories/ --minutes 10 --json
Run the same command again to resume an interrupted run; Ctrl-C saves first.
`;

/** The default is what FlashLM uses; found good with the decay to zero of this trainer. */
const DEFAULT_LEARNING_RATE = 3e-3;
const SEQUENCES_PER_BATCH = 8;
/** Held-out stories that the closing evaluation reads: enough for two digits, few enough to be quick. */
const CLOSING_STORIES = 20;

interface TrainOptions {
  preset: string;
  config?: string;
  data: string[];
  tokenizer?: string;
  vocabulary?: number;
  minutes?: number;
  steps?: number;
  out?: string;
  threads: number;
  batch?: number;
  learningRate: number;
  seed: number;
  json?: boolean;
}

/** `train`: from stories to a checkpoint and an image. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a model on stories; leaves a checkpoint and model.flm')
    .requiredOption('--data <files...>', 'story files or folders of .txt files')
    .option('--preset <name>', `shape: ${Object.keys(PRESETS).join(', ')}`, 'mcu')
    .option('--config <file>', 'a shape of your own, as JSON (instead of --preset)')
    .option('--tokenizer <file>', 'use this tokenizer.json instead of learning one')
    .option('--vocabulary <n>', 'vocabulary to learn (default: the shape says)', integerBetween(257, 65535))
    .option(
      '--minutes <n>',
      'budget in minutes, resumed runs included (default: 60)',
      numberBetween(0.01, 1e6),
    )
    .option('--steps <n>', 'budget in steps instead', integerBetween(1, 1e9))
    .option('--out <folder>', 'where the checkpoint goes (default: checkpoints/PRESET)')
    .option('--threads <n>', 'worker threads', integerBetween(1, 256), Math.min(2, availableParallelism()))
    .option('--batch <n>', 'sequences in a batch, a multiple of the threads', integerBetween(1, 4096))
    .option('--learning-rate <x>', 'peak learning rate', numberBetween(1e-9, 10), DEFAULT_LEARNING_RATE)
    .option('--seed <n>', 'seed of weights and order', integerBetween(0, 2 ** 31 - 1), 1)
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runTrain);
}

async function runTrain(options: TrainOptions): Promise<void> {
  const shape = await chooseShape(options);
  const stories = splitStories(await readStories(options.data));
  const directory = options.out ?? path.join('checkpoints', options.config ? 'own' : options.preset);
  const tokenizer = await chooseTokenizer(options, directory, stories.training, shape.vocabulary);
  const config: ModelConfig = { ...shape, vocabulary: tokenizer.vocabularySize };

  // tfjs takes a second to load, which only this command should cost.
  const { train } = await import('../train/train.js');
  const bar = startProgressBar(`training ${path.basename(directory)}`);
  const result = await withInterrupt((signal) =>
    train({
      config,
      tokenizer,
      stories,
      directory,
      budget: chooseBudget(options),
      threads: options.threads,
      batch: chooseBatch(options),
      learningRate: options.learningRate,
      seed: options.seed,
      onProgress: (progress) => showProgress(bar, progress),
      signal,
    }),
  ).finally(() => bar.stop());

  const checkpoint = await readCheckpoint(directory);
  const integerModel = quantise(checkpoint.model, tokenizer.pieces);
  await writeFileAtomically(path.join(directory, 'model.flm'), writeImage(integerModel));
  const closing = stories.heldOut.slice(0, CLOSING_STORIES);
  const evaluation =
    closing.length === 0
      ? null
      : await evaluateBpc({ stories: closing, tokenizer, integerModel, floatModel: checkpoint.model });
  const report = {
    parameters: parameterCount(config),
    tokensPerSecond: result.tokensPerSecond,
    tokensSeen: result.state.tokensSeen,
    steps: result.state.step,
    minutes: result.state.minutes,
    threads: options.threads,
    finished: result.finished,
    /** Lossless, integer arithmetic, on held-out stories; null where too few stories were given to hold any out. */
    bpc: evaluation?.bpc ?? null,
    bpcStories: closing.length,
    checkpoint: directory,
  };
  printResult(options.json, report, () => [
    `${directory}: ${report.parameters} parameters, ${report.tokensSeen} tokens in ` +
      `${formatDuration(report.minutes * 60)} (${Math.round(report.tokensPerSecond)} tokens/s)`,
    report.bpc === null
      ? 'No stories were held out (there are fewer than a hundred), so there is no BPC.'
      : `${report.bpc.toFixed(3)} bits per character on ${closing.length} held-out stories`,
    report.finished ? '' : 'Interrupted: run the same command again to go on.',
  ]);
}

async function chooseShape(options: TrainOptions): Promise<ModelConfig> {
  if (options.config !== undefined) return readShape(options.config, options.vocabulary);
  const names = Object.keys(PRESETS);
  if (!names.includes(options.preset)) {
    const meant = probablyMeant(options.preset, names);
    throw new FlashlmError(
      'bad-argument',
      `There is no preset "${options.preset}".`,
      meant === null ? `Choose ${names.join(', ')}.` : `Did you mean "${meant}"?`,
    );
  }
  const preset = PRESETS[options.preset as PresetName];
  return { ...preset, vocabulary: options.vocabulary ?? preset.vocabulary };
}

async function readShape(file: string, vocabulary: number | undefined): Promise<ModelConfig> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new FlashlmError('missing-file', `There is no file ${file}.`, 'Give a JSON file with a shape.', {
      cause,
    });
  });
  try {
    const shape = modelConfigSchema.parse(JSON.parse(text));
    return { ...shape, vocabulary: vocabulary ?? shape.vocabulary };
  } catch (cause) {
    throw new FlashlmError(
      'bad-argument',
      `${file} is not a model shape.`,
      'It needs vocabulary, dimension, blocks, hidden, kernel and context; docs/training.md shows one.',
      { cause },
    );
  }
}

/** A resumed run keeps its tokenizer; a new one learns it from the training stories. */
async function chooseTokenizer(
  options: TrainOptions,
  directory: string,
  stories: string[],
  vocabulary: number,
): Promise<Tokenizer> {
  if (options.tokenizer !== undefined) return readTokenizer(options.tokenizer);
  const resumed = await readTokenizer(path.join(directory, 'tokenizer.json')).catch((error) => {
    if (error instanceof FlashlmError && error.code === 'missing-file') return null;
    throw error;
  });
  if (resumed === null) return trainTokenizer(stories, vocabulary);
  if (options.vocabulary !== undefined && options.vocabulary !== resumed.vocabularySize) {
    throw new FlashlmError(
      'bad-argument',
      `The run in ${directory} has a vocabulary of ${resumed.vocabularySize} entries, not ${options.vocabulary}.`,
      'Leave --vocabulary out to resume it, or choose another --out folder.',
    );
  }
  return resumed;
}

function chooseBudget({ minutes, steps }: TrainOptions): Budget {
  if (minutes !== undefined && steps !== undefined) {
    throw new FlashlmError('bad-argument', 'There are two budgets.', 'Give --minutes or --steps, not both.');
  }
  return steps === undefined ? { minutes: minutes ?? 60 } : { steps };
}

function chooseBatch({ batch, threads }: TrainOptions): number {
  if (batch === undefined) return Math.ceil(SEQUENCES_PER_BATCH / threads) * threads;
  if (batch % threads === 0) return batch;
  throw new FlashlmError(
    'bad-argument',
    `A batch of ${batch} sequences does not divide among ${threads} threads.`,
    `Choose a multiple of ${threads}.`,
  );
}

function showProgress(bar: ProgressBar, progress: TrainingProgress): void {
  const heldOut = progress.heldOutBpc === null ? '' : `  held-out BPC ${progress.heldOutBpc.toFixed(3)}`;
  bar.update(
    progress.share,
    `step ${progress.step}  loss ${progress.loss.toFixed(3)}${heldOut}  ` +
      `${Math.round(progress.tokensPerSecond)} tokens/s  ${formatDuration(progress.secondsLeft)} left  ${progress.engine}`,
  );
}

/** Runs work that ends early, saving, on the first Ctrl-C; a second one kills as usual. */
async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
