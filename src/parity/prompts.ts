import type { StorySettings } from '../emulate/trace.js';

/** Sampled tokens of each story that parity compares. */
const TOKENS = 64;

const PROMPTS = ['Once upon a time', 'Tom and his dog went to the park.', 'The little girl said, "'];

/** Stories whose every step must agree: each prompt once greedy and once sampled. */
export const PARITY_STORIES: readonly StorySettings[] = PROMPTS.flatMap((prompt, index) => [
  { prompt, tokens: TOKENS, seed: 1, temperatureThousandths: 0, topK: 1 },
  { prompt, tokens: TOKENS, seed: 7 + index, temperatureThousandths: 800, topK: 40 },
]);

/** For emulators of whole chips, which take a second or so for each token. */
export const CHIP_PARITY_STORIES: readonly StorySettings[] = [
  { prompt: 'Once upon a time', tokens: 12, seed: 7, temperatureThousandths: 800, topK: 40 },
];
