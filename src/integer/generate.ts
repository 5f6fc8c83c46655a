import { FlashlmError } from '../errors.js';
import { END_OF_STORY } from '../tokenizer/tokenizer.js';
import { checksumOf, checksumOrder } from './checksum.js';
import { IntegerSession } from './forward.js';
import type { IntegerModel } from './model.js';
import { Sampler, type SamplingSettings } from './sampler.js';

const LARGEST_TOKEN_LIMIT = 65535;

export interface GenerationSettings extends SamplingSettings {
  /** Tokens of the story's beginning, without end-of-story. */
  prompt: ArrayLike<number>;
  /** Most tokens that are sampled, an end-of-story token included; 1..65535. */
  tokens: number;
}

export interface TraceStep {
  /** The token fed at this step. */
  token: number;
  /** Of the step's logits, unsigned. */
  checksum: number;
}

/** What a traced story of docs/console.md says. */
export interface Trace {
  steps: TraceStep[];
  sampled: number[];
  /** Of the run: over the checksums of its steps, unsigned. */
  checksum: number;
  stoppedByEndOfStory: boolean;
}

/**
 * Tells one story and records what the firmware's trace records: step 0 feeds end-of-story, then come the prompt's
 * tokens, then the sampled ones, the last of them included.
 *
 * @throws FlashlmError `bad-argument` for a setting out of its range or a token outside the vocabulary
 */
export function generateTrace(model: IntegerModel, settings: GenerationSettings): Trace {
  const { prompt, tokens: limit } = settings;
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_TOKEN_LIMIT) {
    throw new FlashlmError(
      'bad-argument',
      `A story of ${limit} tokens cannot be told.`,
      `Use a whole number from 1 to ${LARGEST_TOKEN_LIMIT}.`,
    );
  }
  const sampler = new Sampler(settings);
  const session = new IntegerSession(model);
  const order = checksumOrder(model);
  const steps: TraceStep[] = [];
  const feed = (token: number): Int32Array => {
    const logits = session.step(token);
    steps.push({ token, checksum: checksumOf(logits, order) });
    return logits;
  };

  let logits = feed(END_OF_STORY);
  for (let i = 0; i < prompt.length; i++) {
    logits = feed(prompt[i]);
  }
  const sampled: number[] = [];
  let stoppedByEndOfStory = false;
  while (sampled.length < limit && !stoppedByEndOfStory) {
    const token = sampler.sample(logits);
    sampled.push(token);
    stoppedByEndOfStory = token === END_OF_STORY;
    logits = feed(token);
  }
  return { steps, sampled, checksum: checksumOf(steps.map((step) => step.checksum)), stoppedByEndOfStory };
}
