import type { ModelConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';

/** Computes gradients and takes optimizer steps; all vectors are [total of parameterLayout(config)]. */
export interface TrainingEngine extends TrainingVectors {
  /** What computes, in words. */
  readonly description: string;
  /** What decides the bits of a result besides seed and data: a run can only be repeated exactly on the same. */
  readonly arithmetic: string;
  /**
   * Leaves the gradient of the mean loss in `gradient`.
   * @param windows [sequences x (length + 1)] token ids, length at most config.context; each window's inputs are its
   *   first `length` ids and its targets the last `length`
   */
  compute(windows: Int32Array, sequences: number): Promise<BatchResult>;
  /** Mean loss in nats per token, without a gradient. */
  evaluate(windows: Int32Array, sequences: number): Promise<number>;
  /** Updates parameters and moments from the gradient. */
  update(step: OptimizerStep): void;
  close(): Promise<void>;
}

export interface TrainingVectors {
  readonly parameters: Float32Array;
  /** Of the last batch. */
  readonly gradient: Float32Array;
  /** Running mean of the gradient. */
  readonly firstMoment: Float32Array;
  /** Running mean of its square. */
  readonly secondMoment: Float32Array;
}

export interface BatchResult {
  /** Mean over tokens, nats. */
  loss: number;
  /** Euclidean norm of the gradient. */
  gradientNorm: number;
}

/** One step of AdamW (Loshchilov and Hutter, 2019). */
export interface OptimizerStep {
  /** Counts from 1. */
  step: number;
  /** Factor on the gradient, from clipping. */
  gradientScale: number;
  /** One after another from the first parameter to the last. */
  groups: ParameterGroup[];
}

/** A run of parameters with the same settings. */
export interface ParameterGroup {
  /** One past its last element. */
  end: number;
  learningRate: number;
  weightDecay: number;
  /** [rows, columns] of a matrix that Muon updates; null for AdamW. */
  muon: [number, number] | null;
}

export const BETA_1 = 0.9;
export const BETA_2 = 0.95;
export const EPSILON = 1e-8;

/** What updates the ternary matrices; AdamW updates all other parameters. */
export type MatrixOptimizer = 'adamw' | 'muon';

/** The embedding's and the other parameters' learning rates at one step. */
export interface LearningRates {
  embedding: number;
  matrices: number;
}

export interface OptimizerSettings {
  matrices: MatrixOptimizer;
  /** Of everything but norm weights. */
  weightDecay: number;
}

/** Neighbouring parameters with equal settings are one group; a matrix of Muon's is a group of its own. */
export function parameterGroups(
  config: ModelConfig,
  rates: LearningRates,
  settings: OptimizerSettings,
): ParameterGroup[] {
  const groups: ParameterGroup[] = [];
  for (const { name, offset, size, shape, trained } of parameterLayout(config).parameters) {
    const isEmbedding = name === 'embedding.weight' || name === 'head.clusters.weight';
    const group: ParameterGroup = {
      end: offset + size,
      learningRate: !trained ? 0 : isEmbedding ? rates.embedding : rates.matrices,
      weightDecay: shape.length > 1 ? settings.weightDecay : 0,
      muon: settings.matrices === 'muon' && shape.length === 2 && !isEmbedding ? [shape[0], shape[1]] : null,
    };
    const last = groups.at(-1);
    const joins =
      last !== undefined &&
      last.muon === null &&
      group.muon === null &&
      last.learningRate === group.learningRate &&
      last.weightDecay === group.weightDecay;
    if (joins) last.end = group.end;
    else groups.push(group);
  }
  return groups;
}
