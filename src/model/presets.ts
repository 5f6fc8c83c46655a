import type { ModelConfig } from './config.js';

/** Model shapes by name. v4 and v4-large are FlashLM's own; mcu and nano are this project's. */
export const PRESETS = {
  v4: { vocabulary: 10000, dimension: 192, blocks: 6, hidden: 512, kernel: 8, context: 256 },
  'v4-large': { vocabulary: 10000, dimension: 384, blocks: 8, hidden: 1024, kernel: 8, context: 512 },
  mcu: {
    ...{ vocabulary: 4096, dimension: 240, blocks: 4, hidden: 600, kernel: 4, context: 512 },
    memory: { heads: 6, slots: 8 },
    clusters: 64,
  },
  nano: {
    ...{ vocabulary: 1024, dimension: 120, blocks: 3, hidden: 200, kernel: 2, context: 512 },
    memory: { heads: 6, slots: 1 },
    clusters: 32,
  },
} as const satisfies Record<string, ModelConfig>;

export type PresetName = keyof typeof PRESETS;
