import { generateTrace } from '../integer/generate.js';
import type { IntegerModel } from '../integer/model.js';
import { END_OF_STORY, type Tokenizer } from '../tokenizer/tokenizer.js';

/** How a sample is written; the limits are those of the console (docs/console.md). */
export interface SampleSettings {
  /** Beginning of the story; may be empty. */
  prompt: string;
  /** Most tokens that are sampled; 1..65535. */
  tokens: number;
  /** Unsigned 32-bit. */
  seed: number;
  /** 0: always the likeliest token; else 0.1..10. */
  temperature: number;
  /** Candidates, 1..64. */
  topK: number;
}

/** A story as a chip would tell it, with all that is needed to have it told again. */
export interface Sample extends SampleSettings {
  /** Prompt and story; bytes that are no UTF-8 became U+FFFD. */
  text: string;
  /** Tokens that were sampled, the end-of-story token included. */
  sampledTokens: number;
  /** Whether the model ended the story itself; else it was cut off at `tokens`. */
  ended: boolean;
}

/** What a new model is asked: nothing unusual, so that samples of different runs compare. */
export const DEFAULT_SAMPLE: Readonly<SampleSettings> = {
  prompt: 'Once upon a time',
  tokens: 256,
  seed: 1,
  temperature: 0.8,
  topK: 40,
};

/**
 * Has a model write one story in integer arithmetic: `emulate` and a board tell the same one, token for token.
 *
 * @throws FlashlmError `bad-argument` for a setting out of its range
 */
export function writeSample(
  model: IntegerModel,
  tokenizer: Pick<Tokenizer, 'encode' | 'decode'>,
  settings: SampleSettings = DEFAULT_SAMPLE,
): Sample {
  const { prompt, tokens, seed, temperature, topK } = settings;
  const promptTokens = tokenizer.encode(prompt);
  const { sampled, stoppedByEndOfStory } = generateTrace(model, {
    prompt: promptTokens,
    tokens,
    seed,
    temperatureThousandths: Math.round(temperature * 1000),
    topK,
  });
  const story = [...promptTokens, ...sampled.filter((token) => token !== END_OF_STORY)];
  return {
    prompt,
    tokens,
    seed,
    temperature,
    topK,
    text: tokenizer.decode(story),
    sampledTokens: sampled.length,
    ended: stoppedByEndOfStory,
  };
}
