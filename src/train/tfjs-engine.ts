import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ModelConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { norm, updateWithAdamW } from './adamw.js';
import { startBackend } from './backend.js';
import { lossAndGradient } from './gradient.js';
import type { WorkerReply, WorkerStart, WorkerTask } from './gradient-task.js';
import { updateWithMuon } from './muon.js';
import type { OptimizerStep, TrainingEngine, TrainingVectors } from './training-engine.js';

const WORKER_FILE = new URL('./gradient-worker.js', import.meta.url);

/** A vector of floats that threads can share. */
function sharedVector(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/**
 * The engine that runs anywhere: tfjs, data-parallel. Each thread takes an equal share of the sequences, and the
 * gradients are averaged in order of thread, so that the same seed and number of threads give the same result. One
 * thread computes in-process.
 *
 * @param threads at least 1; the number of sequences in a batch must be a multiple of it
 */
export async function startTfjsEngine(config: ModelConfig, threads: number): Promise<TrainingEngine> {
  // Worker threads need the compiled file; run from TypeScript sources (in tests), everything is in-process.
  if (threads === 1 || !existsSync(fileURLToPath(WORKER_FILE))) return startInProcess(config);
  return startWorkers(config, threads);
}

function newVectors(config: ModelConfig): TrainingVectors {
  const { total } = parameterLayout(config);
  return {
    parameters: sharedVector(total),
    gradient: new Float32Array(total),
    firstMoment: new Float32Array(total),
    secondMoment: new Float32Array(total),
  };
}

async function startInProcess(config: ModelConfig): Promise<TrainingEngine> {
  const vectors = newVectors(config);
  const { parameters, gradient } = vectors;
  const backend = await startBackend();
  return {
    ...vectors,
    description: `tfjs (${backend}), 1 thread`,
    arithmetic: `tfjs ${backend} 1`,
    compute: async (windows, sequences) => {
      const loss = lossAndGradient(config, parameters, windows, sequences, gradient);
      return { loss, gradientNorm: norm(gradient) };
    },
    evaluate: async (windows, sequences) => lossAndGradient(config, parameters, windows, sequences, null),
    update: (step) => update(vectors, step),
    close: async () => undefined,
  };
}

async function startWorkers(config: ModelConfig, threads: number): Promise<TrainingEngine> {
  const vectors = newVectors(config);
  const { parameters, gradient } = vectors;
  await startBackend(); // for Muon, which works on whole matrices
  const shares = Array.from({ length: threads }, () => sharedVector(parameters.length));
  const workers = shares.map((share) => {
    const workerData: WorkerStart = { config, parameters, gradient: share };
    return new Worker(WORKER_FILE, { workerData });
  });
  const replies = (await Promise.all(workers.map(nextReply))) as { ready: string }[];

  /** Each thread's loss of its share of the batch, averaged. */
  const distribute = async (windows: Int32Array, sequences: number, withGradient: boolean) => {
    const share = windows.length / threads;
    const answers = workers.map((worker, thread) => {
      const task: WorkerTask = {
        windows: windows.slice(thread * share, (thread + 1) * share),
        sequences: sequences / threads,
        withGradient,
      };
      const answer = nextReply(worker);
      worker.postMessage(task);
      return answer;
    });
    const losses = (await Promise.all(answers)) as { loss: number }[];
    return losses.reduce((sum, { loss }) => sum + loss, 0) / threads;
  };

  return {
    ...vectors,
    description: `tfjs (${replies[0].ready}), ${threads} threads`,
    arithmetic: `tfjs ${replies[0].ready} ${threads}`,
    async compute(windows, sequences) {
      const loss = await distribute(windows, sequences, true);
      average(gradient, shares);
      return { loss, gradientNorm: norm(gradient) };
    },
    evaluate: (windows, sequences) => distribute(windows, sequences, false),
    update: (step) => update(vectors, step),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function update(vectors: TrainingVectors, step: OptimizerStep): void {
  updateWithAdamW(vectors, step);
  updateWithMuon(vectors, step);
}

/** The worker's next message; an error in the worker rejects. */
async function nextReply(worker: Worker): Promise<WorkerReply> {
  const [reply] = await once(worker, 'message');
  return reply as WorkerReply;
}

function average(result: Float32Array, shares: Float32Array[]): void {
  const factor = 1 / shares.length;
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (const share of shares) sum += share[i];
    result[i] = sum * factor;
  }
}
