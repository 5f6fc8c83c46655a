import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import type { SplitStories } from '../data/hold-out.js';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { ModelConfig } from '../model/config.js';
import { readTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { AdamW, norm } from './adamw.js';
import type { GradientEngine } from './gradient-engine.js';
import { initialiseParameters } from './initialise.js';
import { readResumeFile, type TrainingState, writeResumeFile } from './resume.js';
import { learningRateFactor } from './schedule.js';
import { encodeStories, TokenStream } from './token-stream.js';
import { startGradientEngine } from './worker-engine.js';

/** When training ends, the minutes or steps of resumed runs included. */
export type Budget = { minutes: number } | { steps: number };

export interface TrainingRequest {
  config: ModelConfig;
  tokenizer: Tokenizer;
  stories: SplitStories;
  /** Folder of the checkpoint; a run that lies there is resumed. */
  directory: string;
  budget: Budget;
  threads: number;
  /** Sequences in a batch; a multiple of `threads`. */
  batch: number;
  /** Peak learning rate. */
  learningRate: number;
  seed: number;
  /** Called after every step. */
  onProgress?: (progress: TrainingProgress) => void;
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
  /** Tokens per second over this run. */
  tokensPerSecond: number;
  /** Whether the budget was used up (not interrupted). */
  finished: boolean;
}

const WARMUP_STEPS = 100;
const GRADIENT_NORM_LIMIT = 1;
/** Seconds between saved checkpoints. */
const SAVE_INTERVAL_SECONDS = 120;
const EVALUATE_EVERY_STEPS = 250;
/** At least so many windows are evaluated; rounded up to a multiple of the threads. */
const EVALUATION_SEQUENCES = 32;
/** Weight of the newest loss in the running mean that is shown. */
const LOSS_SMOOTHING = 0.05;

/**
 * Trains a model and leaves its checkpoint in the folder, together with all that a later call needs to go on.
 * @throws FlashlmError training-failed when the loss is no longer a number (the last checkpoint stays), and those of
 *   reading and writing checkpoints
 */
export async function train(request: TrainingRequest): Promise<TrainingResult> {
  const engine = await startGradientEngine(request.config, request.threads);
  try {
    return await new TrainingRun(request, engine).run();
  } finally {
    await engine.close();
  }
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
  if (JSON.stringify(saved.learnedPieces) === JSON.stringify(tokenizer.learnedPieces)) return;
  throw new FlashlmError(
    'bad-checkpoint',
    `The run in ${directory} began with another tokenizer.`,
    'Leave --tokenizer out to resume it, or choose another --out folder.',
  );
}

class TrainingRun {
  private readonly optimizer: AdamW;
  private readonly evaluationSequences: number;
  private readonly evaluationWindows: Int32Array | null;
  private readonly charactersPerToken: number;
  private readonly training: Uint16Array[];

  constructor(
    private readonly request: TrainingRequest,
    private readonly engine: GradientEngine,
  ) {
    const { config, stories, tokenizer, seed } = request;
    this.optimizer = new AdamW(config);
    this.training = encodeStories(stories.training, tokenizer);
    const heldOut = encodeStories(stories.heldOut, tokenizer);
    const characters = stories.training.reduce((sum, story) => sum + Array.from(story).length, 0);
    const tokens = this.training.reduce((sum, story) => sum + story.length - 1, 0);
    this.charactersPerToken = characters / tokens;
    this.evaluationSequences = Math.ceil(EVALUATION_SEQUENCES / request.threads) * request.threads;
    this.evaluationWindows =
      heldOut.length === 0
        ? null
        : new TokenStream(heldOut, config.context, seed).nextBatch(this.evaluationSequences);
  }

  async run(): Promise<TrainingResult> {
    const { config, seed, batch, directory, signal, onProgress } = this.request;
    const { parameters } = this.engine;
    initialiseParameters(parameters, config, seed);
    const resumed = await readResumeFile(directory, config, parameters, this.optimizer);
    if (resumed === null) await probeFolder(directory);
    else await requireSameTokenizer(directory, this.request.tokenizer);
    const state = resumed ?? {
      config,
      seed,
      step: 0,
      minutes: 0,
      tokensSeen: 0,
      position: 0,
      lossHistory: [],
      heldOutHistory: [],
    };
    const stream = new TokenStream(this.training, config.context, state.seed, state.position);
    const minutesBefore = state.minutes;
    const tokensBefore = state.tokensSeen;
    const started = performance.now();
    let lastSave = started;
    let smoothLoss = state.lossHistory.at(-1)?.[1] ?? Number.NaN;

    while (this.share(state) < 1 && signal?.aborted !== true) {
      const loss = await this.step(state, stream.nextBatch(batch));
      smoothLoss = Number.isNaN(smoothLoss) ? loss : smoothLoss + LOSS_SMOOTHING * (loss - smoothLoss);
      state.position = stream.position;
      state.tokensSeen += batch * config.context;
      state.minutes = minutesBefore + (performance.now() - started) / 60_000;
      if (state.step % EVALUATE_EVERY_STEPS === 0) {
        state.lossHistory.push([state.step, smoothLoss]);
        await this.evaluate(state);
      }
      const seconds = (state.minutes - minutesBefore) * 60;
      onProgress?.({
        step: state.step,
        share: Math.min(1, this.share(state)),
        loss: smoothLoss,
        tokensPerSecond: (state.tokensSeen - tokensBefore) / seconds,
        secondsLeft: this.secondsLeft(state),
        heldOutBpc: state.heldOutHistory.at(-1)?.[1] ?? null,
        engine: this.engine.description,
      });
      if (performance.now() - lastSave > SAVE_INTERVAL_SECONDS * 1000) {
        await this.save(state);
        lastSave = performance.now();
      }
      await setImmediate(); // lets signals and progress through
    }
    await this.save(state);
    const seconds = Math.max(1e-9, (state.minutes - minutesBefore) * 60);
    const tokensPerSecond = (state.tokensSeen - tokensBefore) / seconds;
    return { state, tokensPerSecond, finished: this.share(state) >= 1 };
  }

  /** One optimizer step; advances state.step. */
  private async step(state: TrainingState, windows: Int32Array): Promise<number> {
    const { parameters, gradient } = this.engine;
    const loss = await this.engine.compute(windows, this.request.batch);
    const gradientNorm = norm(gradient);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new FlashlmError(
        'training-failed',
        `The loss is no longer a number at step ${state.step + 1}.`,
        `Resume from the last checkpoint in ${this.request.directory} with a smaller --learning-rate.`,
      );
    }
    state.step++;
    const factor = learningRateFactor(state.step, WARMUP_STEPS, this.share(state));
    const clip = Math.min(1, GRADIENT_NORM_LIMIT / gradientNorm);
    this.optimizer.update(parameters, gradient, state.step, this.request.learningRate * factor, clip);
    return loss;
  }

  /** Bits per character on windows of held-out stories: quick and close, not the lossless figure of `eval`. */
  private async evaluate(state: TrainingState): Promise<void> {
    if (this.evaluationWindows === null) return;
    const loss = await this.engine.evaluate(this.evaluationWindows, this.evaluationSequences);
    state.heldOutHistory.push([state.step, loss / Math.LN2 / this.charactersPerToken]);
  }

  private share({ step, minutes }: TrainingState): number {
    const { budget } = this.request;
    return 'steps' in budget ? step / budget.steps : minutes / budget.minutes;
  }

  private secondsLeft(state: TrainingState): number {
    const share = this.share(state);
    return share === 0 ? Number.POSITIVE_INFINITY : (state.minutes * 60 * Math.max(0, 1 - share)) / share;
  }

  private async save(state: TrainingState): Promise<void> {
    const { directory, config, tokenizer } = this.request;
    await writeCheckpoint(directory, config, this.engine.parameters, tokenizer);
    await writeResumeFile(directory, state, this.engine.parameters, this.optimizer);
  }
}
