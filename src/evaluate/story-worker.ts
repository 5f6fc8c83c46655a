import { parentPort, workerData } from 'node:worker_threads';
import type { IntegerModel } from '../integer/model.js';
import type { SampleSettings } from './samples.js';
import { storyTeller } from './told-stories.js';

/** Entry of a worker thread: receives the settings of one story after another, answers with each story. */
const tell = storyTeller(workerData as IntegerModel);
parentPort?.on('message', (settings: SampleSettings) => parentPort?.postMessage(tell(settings)));
