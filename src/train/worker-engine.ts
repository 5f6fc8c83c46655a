import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ModelConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { startBackend } from './backend.js';
import { lossAndGradient } from './gradient.js';
import type { GradientEngine, WorkerReply, WorkerStart, WorkerTask } from './gradient-engine.js';

const WORKER_FILE = new URL('./gradient-worker.js', import.meta.url);

/** A vector of floats that threads can share. */
function sharedVector(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/**
 * Data-parallel gradients: each thread takes an equal share of the sequences, and the gradients are averaged in order
 * of thread, so that the same seed and number of threads give the same result. One thread computes in-process.
 *
 * @param threads at least 1; the number of sequences in a batch must be a multiple of it
 */
export async function startGradientEngine(config: ModelConfig, threads: number): Promise<GradientEngine> {
  // Worker threads need the compiled file; run from TypeScript sources (in tests), everything is in-process.
  if (threads === 1 || !existsSync(fileURLToPath(WORKER_FILE))) return startInProcess(config);
  return startWorkers(config, threads);
}

async function startInProcess(config: ModelConfig): Promise<GradientEngine> {
  const { total } = parameterLayout(config);
  const parameters = new Float32Array(total);
  const gradient = new Float32Array(total);
  const backend = await startBackend();
  return {
    parameters,
    gradient,
    description: `tfjs (${backend}), 1 thread`,
    compute: async (windows, sequences) => lossAndGradient(config, parameters, windows, sequences, gradient),
    evaluate: async (windows, sequences) => lossAndGradient(config, parameters, windows, sequences, null),
    close: async () => undefined,
  };
}

async function startWorkers(config: ModelConfig, threads: number): Promise<GradientEngine> {
  const { total } = parameterLayout(config);
  const parameters = sharedVector(total);
  const gradient = new Float32Array(total);
  const shares = Array.from({ length: threads }, () => sharedVector(total));
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
    parameters,
    gradient,
    description: `tfjs (${replies[0].ready}), ${threads} threads`,
    async compute(windows, sequences) {
      const loss = await distribute(windows, sequences, true);
      average(gradient, shares);
      return loss;
    },
    evaluate: (windows, sequences) => distribute(windows, sequences, false),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
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
