import { type ModelConfig, ternaryParameterCount } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { initialiseParameters } from '../train/initialise.js';
import { nativeLibrary } from '../train/native-library.js';
import { Random } from '../train/random.js';
import { type EngineChoice, startEngine } from '../train/start-engine.js';
import { parameterGroups, type TrainingEngine } from '../train/training-engine.js';

export interface TrainingSpeed {
  threads: number;
  /** Median over the measured steps. */
  tokensPerSecond: number;
  secondsPerStep: number;
  /** Operations of the matrix products a second: 6 for each weight and token (forward, and two products backward). */
  operationsPerSecond: number;
  /** Largest resident memory of this process so far, bytes. */
  memoryBytes: number;
  engine: string;
}

export interface TrainingSpeedRequest {
  config: ModelConfig;
  engine: EngineChoice;
  /** Sequences in a batch. */
  batch: number;
  warmupSteps: number;
  steps: number;
}

const SEED = 1;
const LEARNING_RATE = 4e-3;

/**
 * Times full training steps (forward, backward, clipping, AdamW) on random tokens, as
 * shared/reference/flashlm_v4.py's `bench` does.
 */
export async function measureTrainingSpeed(request: TrainingSpeedRequest): Promise<TrainingSpeed> {
  const { config, batch } = request;
  const engine = await startEngine(config, request.engine);
  try {
    initialiseParameters(engine.parameters, config, SEED);
    const random = new Random(SEED);
    const windows = Int32Array.from({ length: batch * (config.context + 1) }, () =>
      Math.floor(random.uniform() * config.vocabulary),
    );
    const seconds: number[] = [];
    for (let step = 1; step <= request.warmupSteps + request.steps; step++) {
      const duration = await timeStep(engine, config, windows, batch, step);
      if (step > request.warmupSteps) seconds.push(duration);
    }
    const secondsPerStep = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
    const tokensPerSecond = (batch * config.context) / secondsPerStep;
    return {
      threads: request.engine.threads,
      tokensPerSecond,
      secondsPerStep,
      operationsPerSecond: tokensPerSecond * operationsPerToken(config),
      memoryBytes: process.resourceUsage().maxRSS * 1024,
      engine: engine.description,
    };
  } finally {
    await engine.close();
  }
}

async function timeStep(
  engine: TrainingEngine,
  config: ModelConfig,
  windows: Int32Array,
  batch: number,
  step: number,
): Promise<number> {
  const start = performance.now();
  const { gradientNorm } = await engine.compute(windows, batch);
  const rates = { embedding: LEARNING_RATE, matrices: LEARNING_RATE };
  engine.update({
    step,
    gradientScale: Math.min(1, 1 / gradientNorm),
    groups: parameterGroups(config, rates, { matrices: 'adamw', weightDecay: 0.01 }),
  });
  return (performance.now() - start) / 1000;
}

/** Multiplications and additions of all matrix products for one token, the output head included. */
export function operationsPerToken(config: ModelConfig): number {
  const embedding = parameterLayout(config).parameters[0].size;
  return 6 * (ternaryParameterCount(config) + embedding);
}

/** A product large enough to show what a BLAS can do. */
const PEAK_PRODUCT = [1024, 1024, 1024] as const;

/** Operations a second of a BLAS's largest products on one thread; null where there is none. */
export async function blasPeak(library: string): Promise<number | null> {
  const native = await nativeLibrary(() => undefined);
  if ('missing' in native || !native.loadBlas(library)) return null;
  const rate = native.productRate(...PEAK_PRODUCT);
  native.loadBlas(null);
  return rate;
}
