import { parentPort, workerData } from 'node:worker_threads';
import { type EvaluatedModels, Evaluator } from './evaluator.js';

/** Entry of a worker thread: receives the tokens of one story after another, answers with the bits of each. */
const evaluator = new Evaluator(workerData as EvaluatedModels);
parentPort?.on('message', (tokens: Uint16Array) => parentPort?.postMessage(evaluator.evaluate(tokens)));
