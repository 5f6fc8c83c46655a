import { z } from 'zod';

/**
 * The shape of a FlashLM v4 model.
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
});

export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** Weights of the ternary matrices: mixer up and down, and the three of the gated feed-forward layer. */
export function ternaryParameterCount({ dimension: d, hidden, blocks }: ModelConfig): number {
  return blocks * (2 * d * d + d * d + 3 * d * hidden);
}

/** All trained numbers: ternary matrices, convolution taps, norm weights and the tied embedding. */
export function parameterCount(config: ModelConfig): number {
  const { vocabulary, dimension: d, blocks, kernel } = config;
  return ternaryParameterCount(config) + blocks * (kernel * d + 2 * d) + d + vocabulary * d;
}
