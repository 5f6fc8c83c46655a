import type { SplitStories } from '../data/hold-out.js';
import type { TokenShards } from '../data/token-shards.js';
import { END_OF_STORY, type Tokenizer } from '../tokenizer/tokenizer.js';

/** A part of the training tokens that fits in memory; each story begins with END_OF_STORY. */
export interface TokenShard {
  tokens: number;
  read(): Promise<Uint16Array>;
}

/** What a run is trained and measured on, as tokens. */
export interface TrainingData {
  shards: TokenShard[];
  /** Of the training stories. */
  charactersPerToken: number;
  heldOut: string[];
}

/** Stories in memory as training data: one shard. */
export function encodeTrainingData(stories: SplitStories, tokenizer: Tokenizer): TrainingData {
  const encoded = stories.training.map((story) => encodeStory(story, tokenizer));
  const tokens = concatenate(encoded);
  const characters = stories.training.reduce((sum, story) => sum + Array.from(story).length, 0);
  return {
    shards: [{ tokens: tokens.length, read: async () => tokens }],
    charactersPerToken: characters / (tokens.length - encoded.length),
    heldOut: stories.heldOut,
  };
}

/** Prepared stories as training data: one shard at a time in memory. */
export async function shardedTrainingData({ manifest, ...shards }: TokenShards): Promise<TrainingData> {
  return {
    shards: manifest.shards.map(({ tokens }, index) => ({ tokens, read: () => shards.readShard(index) })),
    charactersPerToken: manifest.characters / manifest.tokens,
    heldOut: await shards.heldOutStories(),
  };
}

/** A story begins with END_OF_STORY, as generation does. */
export function encodeStory(story: string, tokenizer: Pick<Tokenizer, 'encode'>): Uint16Array {
  const tokens = tokenizer.encode(story);
  const withBeginning = new Uint16Array(tokens.length + 1);
  withBeginning[0] = END_OF_STORY;
  withBeginning.set(tokens, 1);
  return withBeginning;
}

/** Stories as one shard, in their order. */
export function shardOf(stories: string[], tokenizer: Pick<Tokenizer, 'encode'>): TokenShard {
  const tokens = concatenate(stories.map((story) => encodeStory(story, tokenizer)));
  return { tokens: tokens.length, read: async () => tokens };
}

function concatenate(arrays: Uint16Array[]): Uint16Array {
  const whole = new Uint16Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let end = 0;
  for (const array of arrays) {
    whole.set(array, end);
    end += array.length;
  }
  return whole;
}
