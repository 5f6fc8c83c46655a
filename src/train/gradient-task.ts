import type { ModelConfig } from '../model/config.js';

/** What a gradient worker needs to start: the model's shape and the memory that it shares. */
export interface WorkerStart {
  config: ModelConfig;
  parameters: Float32Array;
  gradient: Float32Array;
}

/** Sent to a worker: its share of the batch. */
export interface WorkerTask {
  windows: Int32Array;
  sequences: number;
  withGradient: boolean;
}

/** Sent back: ready after its start (with the backend's name), then one loss for each task. */
export type WorkerReply = { ready: string } | { loss: number };
