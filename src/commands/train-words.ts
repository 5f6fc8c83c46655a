import { cpus } from 'node:os';
import type { TrainOptions } from './train-options.js';

/** How cards and records say what `train` was told. */

/** Peaks by what they move. */
export function learningRatesOf({ learningRate, embeddingLearningRate }: TrainOptions): {
  matrices: number;
  embedding: number;
} {
  return { matrices: learningRate, embedding: embeddingLearningRate ?? learningRate };
}

export function optimiserInWords({ optimizer }: TrainOptions): string {
  return optimizer === 'muon' ? 'Muon for the ternary matrices, AdamW for the rest' : 'AdamW';
}

export function scheduleInWords({ warmup, decay }: TrainOptions): string {
  const fall = decay === 1 ? 'then linear' : `constant, and in the last ${Math.round(decay * 100)}% linear`;
  return `${warmup} steps of warm-up, ${fall} to zero at the end of the budget`;
}

/** Of this computer. */
export function processorName(): string {
  return cpus()[0]?.model ?? 'unknown';
}

export function machineInWords(threads: number): string {
  return `${threads} ${threads === 1 ? 'thread' : 'threads'} of ${processorName()}`;
}
