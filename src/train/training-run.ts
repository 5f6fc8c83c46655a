import { setImmediate } from 'node:timers/promises';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import { FlashlmError } from '../errors.js';
import { usedShare } from './budget.js';
import { recordLoss } from './loss-recorder.js';
import { type TrainingState, writeResumeFile } from './resume.js';
import { learningRateFactor } from './schedule.js';
import { TokenStream } from './token-stream.js';
import type { TrainingRequest, TrainingResult } from './train.js';
import { shardOf } from './training-data.js';
import { parameterGroups, type TrainingEngine } from './training-engine.js';

export const GRADIENT_NORM_LIMIT = 1;
const EVALUATE_EVERY_STEPS = 250;
/** At most so many windows are evaluated, rounded up to a multiple of the threads. */
const EVALUATION_SEQUENCES = 32;

/** One call's part of a run: from the state that it is given to the end of the budget or an interruption. */
export class TrainingRun {
  private readonly stream: TokenStream;
  private readonly evaluationSequences: number;
  private readonly minutesBefore: number;
  private readonly tokensBefore: number;
  private readonly started = performance.now();
  private lastSave = performance.now();
  private saveFailed = false;

  constructor(
    private readonly request: TrainingRequest,
    private readonly engine: TrainingEngine,
    private readonly state: TrainingState,
  ) {
    const { config, data } = request;
    const { threads } = request.engine;
    this.stream = new TokenStream(data.shards, config.context, state.seed, state.position);
    this.evaluationSequences = Math.ceil(EVALUATION_SEQUENCES / threads) * threads;
    this.minutesBefore = state.minutes;
    this.tokensBefore = state.tokensSeen;
  }

  async run(): Promise<TrainingResult> {
    const { config, batch, signal, saveInterval } = this.request;
    const { state, stream } = this;
    const evaluationWindows = await this.evaluationWindows();
    while (this.share() < 1 && signal?.aborted !== true) {
      const loss = await this.step(await stream.nextBatch(batch));
      state.position = stream.position;
      state.tokensSeen += batch * config.context;
      state.minutes = this.minutesBefore + (performance.now() - this.started) / 60_000;
      recordLoss(state.losses, state.step, loss, this.place());
      if (state.step % EVALUATE_EVERY_STEPS === 0) await this.evaluate(evaluationWindows);
      this.reportProgress();
      if (performance.now() - this.lastSave > saveInterval * 1000) await this.saveBetween();
      await setImmediate(); // lets signals and progress through
    }
    const finished = this.share() >= 1;
    if (finished && state.losses.heldOut.at(-1)?.tokens !== state.tokensSeen) {
      await this.evaluate(evaluationWindows);
    }
    await this.save();
    const { description } = this.engine;
    return {
      state,
      tokensPerSecond: this.tokensPerSecond(),
      finished,
      epochs: stream.epochs,
      engine: description,
    };
  }

  /** One optimizer step; advances state.step. */
  private async step(windows: Int32Array): Promise<number> {
    const { config, batch, learningRates, optimizer, warmupSteps, decayShare, directory } = this.request;
    const { state } = this;
    const { loss, gradientNorm } = await this.engine.compute(windows, batch);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new FlashlmError(
        'training-failed',
        `The loss is no longer a number at step ${state.step + 1}.`,
        `Resume from the last checkpoint in ${directory} with a smaller --learning-rate.`,
      );
    }
    state.step++;
    const factor = learningRateFactor(state.step, warmupSteps, this.share(), decayShare);
    const rates = { embedding: learningRates.embedding * factor, matrices: learningRates.matrices * factor };
    this.engine.update({
      step: state.step,
      gradientScale: Math.min(1, GRADIENT_NORM_LIMIT / gradientNorm),
      groups: parameterGroups(config, rates, optimizer),
    });
    return loss;
  }

  /** Windows of held-out stories, the same ones all along; null where nothing is held out. */
  private async evaluationWindows(): Promise<Int32Array | null> {
    const { data, tokenizer, config } = this.request;
    if (data.heldOut.length === 0) return null;
    const stream = new TokenStream([shardOf(data.heldOut, tokenizer)], config.context, this.state.seed);
    return stream.nextBatch(this.evaluationSequences);
  }

  /** Bits per character on windows of held-out stories: quick and close, not the lossless figure of `eval`. */
  private async evaluate(windows: Int32Array | null): Promise<void> {
    if (windows === null) return;
    const loss = await this.engine.evaluate(windows, this.evaluationSequences);
    const bpc = loss / Math.LN2 / this.request.data.charactersPerToken;
    if (Number.isFinite(bpc)) this.state.losses.heldOut.push({ ...this.place(), bpc });
  }

  private place(): { tokens: number; minutes: number } {
    return { tokens: this.state.tokensSeen, minutes: this.state.minutes };
  }

  private reportProgress(): void {
    const { losses, step } = this.state;
    this.request.onProgress?.({
      step,
      share: Math.min(1, this.share()),
      loss: losses.runningMean ?? Number.NaN,
      tokensPerSecond: this.tokensPerSecond(),
      secondsLeft: this.secondsLeft(),
      heldOutBpc: losses.heldOut.at(-1)?.bpc ?? null,
      engine: this.engine.description,
    });
  }

  private tokensPerSecond(): number {
    const seconds = Math.max(1e-9, (this.state.minutes - this.minutesBefore) * 60);
    return (this.state.tokensSeen - this.tokensBefore) / seconds;
  }

  /** Used part of the budget. */
  private share(): number {
    return usedShare(this.request.budget, this.state);
  }

  private secondsLeft(): number {
    const share = this.share();
    return share === 0
      ? Number.POSITIVE_INFINITY
      : (this.state.minutes * 60 * Math.max(0, 1 - share)) / share;
  }

  /** A save that fails on the way (a full disk) is tried again later: the run goes on, the older checkpoint stays. */
  private async saveBetween(): Promise<void> {
    this.lastSave = performance.now();
    try {
      await this.save();
      this.saveFailed = false;
    } catch (error) {
      if (!(error instanceof FlashlmError) || error.code !== 'write-failed') throw error;
      if (!this.saveFailed)
        this.request.engine.onRemark(`${error.what} Training goes on and will save later.`);
      this.saveFailed = true;
    }
  }

  private async save(): Promise<void> {
    const { directory, config, tokenizer, onSave } = this.request;
    if (!this.engine.parameters.every(Number.isFinite)) return; // the next step will say so; the last one stays
    await writeCheckpoint(directory, config, this.engine.parameters, tokenizer);
    await writeResumeFile(directory, this.state, this.engine);
    await onSave?.(this.state);
  }
}
