import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Checkpoint, readCheckpoint, TOKENIZER_FILE } from '../checkpoint/checkpoint.js';
import { FlashlmError } from '../errors.js';
import { type ModelConfig, modelConfigSchema } from '../model/config.js';
import { findModel, findWeights } from '../model/find.js';
import { readTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { trainTokenizer } from '../tokenizer/train.js';
import type { Budget } from '../train/budget.js';
import type { RunRecord } from '../train/run-record.js';
import type { MatrixOptimizer } from '../train/training-engine.js';
import { readTrainingFile } from '../train/training-file.js';
import type { EngineOptions } from './engine-options.js';
import { choosePreset } from './preset.js';

/** Options of `train`, as commander hands them over. */
export interface TrainOptions extends EngineOptions {
  preset?: string;
  config?: string;
  from?: string;
  data: string[];
  evaluate?: string[];
  dataNote?: string;
  tokenizer?: string;
  vocabulary?: number;
  minutes?: number;
  steps?: number;
  out?: string;
  threads: number;
  batch?: number;
  learningRate: number;
  embeddingLearningRate?: number;
  optimizer: MatrixOptimizer;
  weightDecay: number;
  warmup: number;
  decay: number;
  seed?: number;
  saveEvery: number;
  json?: boolean;
}

/** A checkpoint that a run begins with. */
export interface StartCheckpoint extends Checkpoint {
  /** The runs that made it, the oldest first; null where nobody recorded them. */
  runs: RunRecord[] | null;
}

const DEFAULT_PRESET = 'mcu';
const DEFAULT_MINUTES = 60;
const SEQUENCES_PER_BATCH = 8;

/** Folder of the checkpoint. */
export function chooseDirectory({ out, config, preset, from }: TrainOptions): string {
  if (out !== undefined) return out;
  if (from !== undefined) return path.join('checkpoints', `from-${path.parse(path.resolve(from)).name}`);
  return path.join('checkpoints', config === undefined ? (preset ?? DEFAULT_PRESET) : 'own');
}

/**
 * The model that `--from` names, whose training goes on; null without it. Shape and vocabulary are the model's.
 * @throws FlashlmError bad-argument beside an option that says otherwise, or for an image without its weights; unknown-model
 */
export async function chooseStart(options: TrainOptions): Promise<StartCheckpoint | null> {
  const { from } = options;
  if (from === undefined) return null;
  const beside = (['preset', 'config', 'tokenizer', 'vocabulary'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (beside !== undefined) {
    throw new FlashlmError(
      'bad-argument',
      `Shape and vocabulary are those of ${from}, whose training goes on.`,
      `Leave --${beside} out, or --from.`,
    );
  }
  const directory = await findWeights(from);
  if (directory !== null) {
    const checkpoint = await readCheckpoint(directory);
    return { ...checkpoint, runs: await readTrainingFile(directory, checkpoint.model) };
  }
  const { image } = await findModel(from);
  throw new FlashlmError(
    'bad-argument',
    `${image} is an image, without the float weights that training goes on with.`,
    'Give the folder of a checkpoint.',
  );
}

export async function chooseShape(options: TrainOptions, start: Checkpoint | null): Promise<ModelConfig> {
  if (start !== null) return start.model.config;
  if (options.config !== undefined && options.preset !== undefined) {
    throw new FlashlmError('bad-argument', 'There are two shapes.', 'Give --preset or --config, not both.');
  }
  if (options.config !== undefined) return readShape(options.config, options.vocabulary);
  const preset = choosePreset(options.preset ?? DEFAULT_PRESET);
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
export async function chooseTokenizer(
  options: TrainOptions,
  start: Checkpoint | null,
  directory: string,
  stories: string[],
  vocabulary: number,
): Promise<Tokenizer> {
  if (start !== null) return start.tokenizer;
  if (options.tokenizer !== undefined) return readTokenizer(options.tokenizer);
  const resumed = await readTokenizer(path.join(directory, TOKENIZER_FILE)).catch((error) => {
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

export function chooseBudget({ minutes, steps }: TrainOptions): Budget {
  if (minutes !== undefined && steps !== undefined) {
    throw new FlashlmError('bad-argument', 'There are two budgets.', 'Give --minutes or --steps, not both.');
  }
  return steps === undefined ? { minutes: minutes ?? DEFAULT_MINUTES } : { steps };
}

/** Sequences in a batch: as wanted, rounded up to what the threads share evenly. */
export function chooseBatch({ batch, threads }: TrainOptions): number {
  if (batch === undefined) return Math.ceil(SEQUENCES_PER_BATCH / threads) * threads;
  if (batch % threads === 0) return batch;
  throw new FlashlmError(
    'bad-argument',
    `A batch of ${batch} sequences does not divide among ${threads} threads.`,
    `Choose a multiple of ${threads}.`,
  );
}
