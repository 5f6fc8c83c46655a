import { z } from 'zod';

/** A gated linear recurrence behind each block's convolution: docs/arithmetic.md, "memory". */
const memorySchema = z.strictObject({
  /** Must divide the dimension. */
  heads: z.int().min(1).max(2048),
  /** Of each head. */
  slots: z.int().min(1).max(64),
});

/**
 * The shape of a model: FlashLM v4's, and this project's two extensions of it.
 *
 * Limits are those of docs/arithmetic.md. `context` is the length in tokens of a training window;
 * the model itself has no context limit, only a receptive field.
 */
export const modelConfigSchema = z.strictObject({
  vocabulary: z.int().min(2).max(65535),
  dimension: z.int().min(4).max(2048),
  blocks: z.int().min(1).max(64),
  hidden: z.int().min(4).max(8192),
  kernel: z.int().min(1).max(64),
  context: z.int().min(8).max(4096),
  memory: memorySchema.optional(),
  /** Of the vocabulary, for a two-level softmax. */
  clusters: z.int().min(2).max(2048).optional(),
});

export type ModelConfig = z.infer<typeof modelConfigSchema>;

/**
 * What the limits of single fields do not say.
 *
 * @returns what is wrong as a clause, or null
 */
export function findShapeProblem(config: Omit<ModelConfig, 'context'>): string | null {
  const { vocabulary, dimension, memory, clusters = 0 } = config;
  if (memory !== undefined && dimension % memory.heads !== 0) {
    return `the ${memory.heads} heads of the memory do not divide the dimension ${dimension}`;
  }
  if (clusters > vocabulary) {
    return `a vocabulary of ${vocabulary} does not fill ${clusters} clusters`;
  }
  return null;
}

/** Slots of all heads of a block's memory; 0 without one. */
export function memorySlots({ memory }: Pick<ModelConfig, 'memory'>): number {
  return memory === undefined ? 0 : memory.heads * memory.slots;
}

/** Rows of the mixer's up projection: gates and values, and the memory's reads and writes. */
export function mixerRows(config: Pick<ModelConfig, 'dimension' | 'memory'>): number {
  return 2 * config.dimension + 2 * memorySlots(config);
}

/** Weights of the ternary matrices: mixer up and down, and the three of the gated feed-forward layer. */
export function ternaryParameterCount(config: Omit<ModelConfig, 'context'>): number {
  const { dimension: d, hidden, blocks } = config;
  return blocks * (mixerRows(config) * d + d * d + 3 * d * hidden);
}

/** All trained numbers: ternary matrices, taps, biases, norm weights, clusters and the tied embedding. */
export function parameterCount(config: Omit<ModelConfig, 'context'>): number {
  const { vocabulary, dimension: d, blocks, kernel, clusters = 0 } = config;
  const small = blocks * (kernel * d + memorySlots(config) + 2 * d) + d;
  return ternaryParameterCount(config) + small + (vocabulary + clusters) * d;
}
