import type { ModelConfig } from '../model/config.js';

/** A float model: latent weights by FlashLM's state_dict key; head.weight is embedding.weight. */
export interface FloatModel {
  name: string;
  config: ModelConfig;
  /** Shapes as parameterLayout(config) lists them. */
  parameters: Map<string, Float32Array>;
}
