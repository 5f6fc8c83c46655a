import { FlashlmError } from '../errors.js';
import type { FloatModel } from '../float/model.js';
import { checkParameters } from '../float/parameter.js';
import type { IntegerModel } from '../integer/model.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { Evaluator, type StoryBits } from './evaluator.js';
import { type StorySpread, spreadOf } from './spread.js';
import { doAll } from './worker-pool.js';

export interface BpcOptions {
  stories: string[];
  tokenizer: Pick<Tokenizer, 'encode' | 'decodeBytes'>;
  integerModel: IntegerModel;
  /** Evaluated beside the integer model where it is given. */
  floatModel?: FloatModel;
  /** Of an activation of the integer model, with its sign; fewer than the chip's 13 are an experiment. */
  activationBits?: number;
  /** Worker threads; by default one for each core, at most 4. */
  workers?: number;
  /** Called as each story finishes. */
  onProgress?: (progress: {
    stories: number;
    totalStories: number;
    tokens: number;
    totalTokens: number;
  }) => void;
}

export interface StoryBpc {
  /** Unicode code points */
  characters: number;
  tokens: number;
  bpc: number;
  /** null without a float model */
  bpcFloat: number | null;
}

export interface BpcResult {
  /** Bits per character of the integer model: what the chip computes. */
  bpc: number;
  /** Of the float model; null without one. */
  bpcFloat: number | null;
  /** Unicode code points of all stories. */
  characters: number;
  tokens: number;
  tokensPerCharacter: number;
  charactersPerToken: number;
  stories: number;
  /** 0: every story was checked to come back from its tokens byte for byte. */
  unknownTokens: 0;
  /** Of the stories' own figures, with the interval of `bpc`. */
  spread: StorySpread;
  /** The same of the float model; null without one. */
  spreadFloat: StorySpread | null;
  /** In the order of the stories. */
  perStory: StoryBpc[];
}

/**
 * Lossless bits per character: the bits of every token of every story, each story from an empty context, nothing
 * cut off, divided by the characters of the same stories. End-of-story is not counted.
 *
 * @throws FlashlmError `bad-stories` without a story or with an empty one, `bad-argument` for a number of workers
 *   below 1, `bad-tokenizer` where a token is not in the model's vocabulary, `bad-checkpoint` for a float model
 *   that is not complete
 */
export async function evaluateBpc(options: BpcOptions): Promise<BpcResult> {
  const { stories, integerModel, floatModel = null, activationBits, onProgress } = options;
  if (floatModel !== null) {
    // Here, because an error that a worker throws loses its class on the way.
    checkParameters(floatModel);
  }
  const tokens = encodeStories(options);
  const totalTokens = sum(tokens.map((story) => story.length));

  const bits: StoryBits[] = new Array(stories.length);
  let doneStories = 0;
  let doneTokens = 0;
  const finish = (index: number, storyBits: StoryBits) => {
    bits[index] = storyBits;
    doneStories++;
    doneTokens += tokens[index].length;
    onProgress?.({ stories: doneStories, totalStories: stories.length, tokens: doneTokens, totalTokens });
  };
  const models = { integerModel, floatModel, ...(activationBits === undefined ? {} : { activationBits }) };
  await doAll<Uint16Array, StoryBits>({
    tasks: tokens,
    workers: options.workers,
    program: new URL('./worker.js', import.meta.url),
    data: models,
    workHere: () => {
      const evaluator = new Evaluator(models);
      return (story) => evaluator.evaluate(story);
    },
    onResult: finish,
  });

  const perStory = stories.map((story, i): StoryBpc => {
    const characters = [...story].length;
    const { integer, float } = bits[i];
    return {
      characters,
      tokens: tokens[i].length,
      bpc: integer / characters,
      bpcFloat: float === null ? null : float / characters,
    };
  });
  const characters = sum(perStory.map((story) => story.characters));
  const spread = (figure: (story: StoryBpc) => number) =>
    spreadOf(
      perStory.map((story, i) => ({
        text: stories[i],
        characters: story.characters,
        bpc: figure(story),
      })),
    );
  return {
    bpc: sum(bits.map((story) => story.integer)) / characters,
    bpcFloat: floatModel === null ? null : sum(bits.map((story) => story.float ?? 0)) / characters,
    characters,
    tokens: totalTokens,
    tokensPerCharacter: totalTokens / characters,
    charactersPerToken: characters / totalTokens,
    stories: stories.length,
    unknownTokens: 0,
    spread: spread((story) => story.bpc),
    spreadFloat: floatModel === null ? null : spread((story) => story.bpcFloat ?? 0),
    perStory,
  };
}

function encodeStories({ stories, tokenizer, integerModel }: BpcOptions): Uint16Array[] {
  if (stories.length === 0 || stories.includes('')) {
    throw new FlashlmError(
      'bad-stories',
      stories.length === 0 ? 'There is no story to evaluate.' : 'One of the stories is empty.',
      'Give stories with text in them.',
    );
  }
  const { vocabulary } = integerModel.config;
  return stories.map((story) => {
    const tokens = tokenizer.encode(story);
    if (tokens.some((token) => token >= vocabulary)) {
      throw new FlashlmError(
        'bad-tokenizer',
        `The tokenizer gives tokens beyond the model's vocabulary of ${vocabulary}.`,
        'Use the tokenizer that the model was trained with.',
      );
    }
    // What makes the figure lossless: the tokens must give back every byte, so none of them is an "unknown".
    if (!Buffer.from(story, 'utf8').equals(tokenizer.decodeBytes(tokens))) {
      throw new FlashlmError('bad-tokenizer', 'The tokenizer does not give a story back.', 'Train it again.');
    }
    return tokens;
  });
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
