import type { ModelConfig } from '../model/config.js';

/** Computes loss and gradient of a batch; the parameters live in memory that it shares with the trainer. */
export interface GradientEngine {
  /** [total] parameters: the trainer updates them in place between calls. */
  readonly parameters: Float32Array;
  /** [total] gradient of the last call. */
  readonly gradient: Float32Array;
  /** What computes, in words. */
  readonly description: string;
  /**
   * @param windows [sequences x (context + 1)] token ids
   * @returns mean loss in nats per token
   */
  compute(windows: Int32Array, sequences: number): Promise<number>;
  /** The same loss without a gradient. */
  evaluate(windows: Int32Array, sequences: number): Promise<number>;
  close(): Promise<void>;
}

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
