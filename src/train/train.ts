import { rm } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { ModelConfig } from '../model/config.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { readTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Budget } from './budget.js';
import { findClusters } from './clusters.js';
import { initialiseParameters } from './initialise.js';
import { newTrainingState, readResumeFile, type TrainingState } from './resume.js';
import { type EngineChoice, startEngine } from './start-engine.js';
import { describeStart, fillWithWeights, type StartModel } from './start-weights.js';
import type { TrainingData } from './training-data.js';
import type { LearningRates, OptimizerSettings, TrainingEngine } from './training-engine.js';
import { TrainingRun } from './training-run.js';

export interface TrainingRequest {
  config: ModelConfig;
  tokenizer: Tokenizer;
  data: TrainingData;
  /** Trained weights to begin with, of the same shape; null: random ones. */
  startModel: StartModel | null;
  /** Folder of the checkpoint; a run that lies there is resumed. */
  directory: string;
  budget: Budget;
  engine: EngineChoice;
  /** Sequences in a batch; with tfjs a multiple of the threads. */
  batch: number;
  /** Peaks of the schedule. */
  learningRates: LearningRates;
  optimizer: OptimizerSettings;
  warmupSteps: number;
  /** Share of the budget at whose end the learning rate falls to zero; 1: all of it. */
  decayShare: number;
  /** Of the weights and the order of the stories. A resumed run keeps its own; null stands for that, or for 1. */
  seed: number | null;
  /** Seconds between saved checkpoints. */
  saveInterval: number;
  /** Called after every step. */
  onProgress?: (progress: TrainingProgress) => void;
  /** Called whenever a checkpoint was saved. */
  onSave?: (state: TrainingState) => Promise<void>;
  /** Ends the run early, after the current step; the checkpoint is written. */
  signal?: AbortSignal;
}

export interface TrainingProgress {
  step: number;
  /** Share of the budget that is used, 0..1. */
  share: number;
  /** Running mean of the loss, nats per token. */
  loss: number;
  tokensPerSecond: number;
  secondsLeft: number;
  /** Latest estimate on held-out stories, bits per character; null before the first. */
  heldOutBpc: number | null;
  engine: string;
}

export interface TrainingResult {
  state: TrainingState;
  /** Tokens per second over this call. */
  tokensPerSecond: number;
  /** Whether the budget was used up (not interrupted). */
  finished: boolean;
  /** Passes over the training tokens. */
  epochs: number;
  engine: string;
}

const DEFAULT_SEED = 1;

/**
 * Trains a model and leaves its checkpoint in the folder, together with all that a later call needs to go on.
 *
 * The same data, settings, seed, engine and threads give the same bytes where the budget is counted in steps, however
 * often the run was stopped, killed and resumed.
 *
 * @throws FlashlmError training-failed when the loss is no longer a number (the last checkpoint stays), and those of
 *   starting the engine, of reading and of writing checkpoints
 */
export async function train(request: TrainingRequest): Promise<TrainingResult> {
  const engine = await startEngine(request.config, request.engine);
  try {
    const state = await startOrResume(request, engine);
    return await new TrainingRun(request, engine, state).run();
  } finally {
    await engine.close();
  }
}

async function startOrResume(request: TrainingRequest, engine: TrainingEngine): Promise<TrainingState> {
  const { directory, config, tokenizer, seed, startModel } = request;
  const resumed = await readResumeFile(directory, config, engine);
  if (resumed === null) return start(request, engine);
  await requireSameTokenizer(directory, tokenizer);
  if (startModel !== null) {
    const start = describeStart(startModel);
    if (resumed.beganWith?.sha256 !== start.sha256) {
      throw new FlashlmError(
        'bad-argument',
        `The run in ${directory} began with ${resumed.beganWith?.name ?? 'random weights'}, not with these of ${start.name}.`,
        'Leave --from out to resume it, or choose another --out folder.',
      );
    }
    resumed.beganWith.runs ??= start.runs; // what a run of an older version did not keep
  }
  if (seed !== null && seed !== resumed.seed) {
    throw new FlashlmError(
      'bad-argument',
      `The run in ${directory} began with seed ${resumed.seed}, not ${seed}.`,
      'Leave --seed out to resume it, or choose another --out folder.',
    );
  }
  if (resumed.arithmetic !== engine.arithmetic) {
    request.engine.onRemark(
      `The run began on another engine (${resumed.arithmetic}): it goes on, but another time its bits would differ.`,
    );
    resumed.arithmetic = engine.arithmetic;
  }
  return resumed;
}

async function start(request: TrainingRequest, engine: TrainingEngine): Promise<TrainingState> {
  const { directory, config, startModel } = request;
  const seed = request.seed ?? DEFAULT_SEED;
  await probeFolder(directory);
  const state = newTrainingState(config, seed, engine.arithmetic);
  if (startModel !== null) {
    fillWithWeights(engine.parameters, startModel.model);
    return { ...state, beganWith: describeStart(startModel) };
  }
  initialiseParameters(engine.parameters, config, seed);
  await fillClusters(request, engine);
  return state;
}

/** Sorts the vocabulary into clusters, by the first shard of the data. */
async function fillClusters(
  { config, data, engine: { onWait } }: TrainingRequest,
  engine: TrainingEngine,
): Promise<void> {
  const buffer = parameterLayout(config).parameters.find(({ initial }) => initial === 'clusters');
  if (buffer === undefined || config.clusters === undefined) return;
  onWait('Sorting the vocabulary into clusters.');
  const tokens = await data.shards[0].read();
  const clusterOf = findClusters(tokens, config.vocabulary, config.clusters);
  parameterView(engine.parameters, buffer).set(clusterOf);
}

/** Finds out that a folder cannot be written before the first step, not at the first save. */
async function probeFolder(directory: string): Promise<void> {
  const probe = path.join(directory, '.flashlm-probe');
  await writeFileAtomically(probe, '');
  await rm(probe);
}

/** Tokens of another vocabulary would mean other words to the model: a run goes on with the one that it began with. */
async function requireSameTokenizer(directory: string, tokenizer: Tokenizer): Promise<void> {
  const file = path.join(directory, 'tokenizer.json');
  const saved = await readTokenizer(file);
  if (saved.hasSameTokens(tokenizer)) return;
  throw new FlashlmError(
    'bad-checkpoint',
    `The run in ${directory} began with another tokenizer.`,
    'Leave --tokenizer out to resume it, or choose another --out folder.',
  );
}
