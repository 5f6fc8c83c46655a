import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { FlashlmError } from '../errors.js';

/** Whether worker threads can load this program: Node 20 runs JavaScript, not the TypeScript that tests load. */
export const CAN_USE_WORKERS = import.meta.url.endsWith('.js');

const LARGEST_DEFAULT_WORKERS = 4;

/** Work on many tasks of one kind, each independent of the others. */
export interface PooledWork<Task, Result> {
  tasks: readonly Task[];
  /** Worker threads; by default one for each core, at most 4. */
  workers: number | undefined;
  /** A worker thread's program: with `data` as its workerData it answers each task with its result. */
  program: URL;
  data: unknown;
  /** Makes what does the same in this thread; called where there is nothing to gain from worker threads. */
  workHere: () => (task: Task) => Result;
  /** Called with the task's index as each one finishes, in any order. */
  onResult: (index: number, result: Result) => void;
}

/**
 * Does all tasks, in worker threads where it can; the results are the same.
 *
 * @throws FlashlmError `bad-argument` for a number of workers below 1
 */
export async function doAll<Task, Result>(work: PooledWork<Task, Result>): Promise<void> {
  const workers = work.workers ?? Math.min(LARGEST_DEFAULT_WORKERS, availableParallelism());
  if (!Number.isInteger(workers) || workers < 1) {
    throw new FlashlmError('bad-argument', `${workers} is not a number of workers.`, 'Use 1 or more.');
  }
  await (CAN_USE_WORKERS && workers > 1 ? doInWorkers(work, workers) : doHere(work));
}

/** Lets other work of this thread proceed between tasks. */
async function doHere<Task, Result>({ tasks, workHere, onResult }: PooledWork<Task, Result>): Promise<void> {
  const work = workHere();
  for (const [index, task] of tasks.entries()) {
    onResult(index, work(task));
    await setImmediate();
  }
}

/** Each worker takes the next task when it has finished one. */
async function doInWorkers<Task, Result>(
  { tasks, program, data, onResult }: PooledWork<Task, Result>,
  workerCount: number,
): Promise<void> {
  let next = 0;
  const runWorker = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(program, { workerData: data });
      let current = -1;
      const feed = () => {
        if (next === tasks.length) {
          resolve(worker.terminate().then(() => undefined));
          return;
        }
        current = next++;
        worker.postMessage(tasks[current]);
      };
      worker.on('message', (result: Result) => {
        onResult(current, result);
        feed();
      });
      worker.on('error', reject);
      feed();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(workerCount, tasks.length) }, runWorker));
  } finally {
    // After a failure the other workers find no task left and end.
    next = tasks.length;
  }
}
