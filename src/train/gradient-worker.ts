import { parentPort, workerData } from 'node:worker_threads';
import { startBackend } from './backend.js';
import { lossAndGradient } from './gradient.js';
import type { WorkerReply, WorkerStart, WorkerTask } from './gradient-task.js';

/** Entry of a worker thread: computes gradients of its share of each batch into shared memory. */
const { config, parameters, gradient } = workerData as WorkerStart;
const reply = (message: WorkerReply) => parentPort?.postMessage(message);

const backend = await startBackend();
parentPort?.on('message', ({ windows, sequences, withGradient }: WorkerTask) => {
  reply({ loss: lossAndGradient(config, parameters, windows, sequences, withGradient ? gradient : null) });
});
reply({ ready: backend });
