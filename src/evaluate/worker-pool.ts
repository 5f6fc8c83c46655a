import { Worker } from 'node:worker_threads';
import type { EvaluatedModels, StoryBits } from './evaluator.js';

/** Whether worker threads can load this program: Node 20 runs JavaScript, not the TypeScript that tests load. */
export const CAN_USE_WORKERS = import.meta.url.endsWith('.js');

/**
 * Evaluates stories in worker threads. Each worker takes the next story when it has finished one.
 *
 * @param stories tokens of each story
 * @param onStory called with the story's index as each one finishes
 */
export async function evaluateInWorkers(
  models: EvaluatedModels,
  stories: Uint16Array[],
  workerCount: number,
  onStory: (index: number, bits: StoryBits) => void,
): Promise<void> {
  let next = 0;
  const runWorker = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: models });
      let current = -1;
      const feed = () => {
        if (next === stories.length) {
          resolve(worker.terminate().then(() => undefined));
          return;
        }
        current = next++;
        worker.postMessage(stories[current]);
      };
      worker.on('message', (bits: StoryBits) => {
        onStory(current, bits);
        feed();
      });
      worker.on('error', reject);
      feed();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(workerCount, stories.length) }, runWorker));
  } finally {
    // After a failure the other workers find no story left and end.
    next = stories.length;
  }
}
