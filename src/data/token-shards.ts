import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { readTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { readStories } from './stories.js';

export const MANIFEST_FILE = 'manifest.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const HELD_OUT_FILE = 'held-out.txt';

const count = z.int().min(0);

/** What a folder of prepared stories holds; written last, so that a folder with it is whole. */
export const manifestSchema = z.strictObject({
  format: z.literal('flashlm-token-shards'),
  version: z.literal(1),
  vocabulary: z.int().min(2).max(65535),
  /** Training stories, their characters (Unicode code points) and tokens; one more token begins each story. */
  stories: count,
  characters: count,
  tokens: count,
  heldOut: z.strictObject({ stories: count, characters: count }),
  duplicates: z.strictObject({
    /** Left out: the same text as an earlier story. */
    exact: count,
    /** Nearly the same as an earlier story; left out or kept as `nearLeftOut` says. */
    near: count,
    nearLeftOut: z.boolean(),
    /** Left out: the same or nearly the same as a held-out story. */
    ofHeldOut: count,
  }),
  sources: z.array(
    z.strictObject({ name: z.string(), stories: count, characters: count, sha256: z.string() }),
  ),
  shards: z.array(
    z.strictObject({
      file: z.string().regex(/^shard-\d{5}\.tokens$/),
      stories: count,
      tokens: count,
      sha256: z.string(),
    }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A folder of prepared stories, opened. */
export interface TokenShards {
  manifest: Manifest;
  tokenizer: Tokenizer;
  /** @returns the tokens of a shard; each story begins with END_OF_STORY */
  readShard(index: number): Promise<Uint16Array>;
  heldOutStories(): Promise<string[]>;
}

/**
 * Opens what `data prepare` left.
 * @throws FlashlmError bad-stories where the folder, or a shard when it is read, is not as it was written
 */
export async function openTokenShards(directory: string): Promise<TokenShards> {
  const manifest = await readManifest(directory);
  return {
    manifest,
    tokenizer: await readTokenizer(path.join(directory, TOKENIZER_FILE)),
    readShard: (index) => readShard(directory, manifest.shards[index]),
    heldOutStories: async () =>
      manifest.heldOut.stories === 0 ? [] : readStories([path.join(directory, HELD_OUT_FILE)]),
  };
}

async function readManifest(directory: string): Promise<Manifest> {
  const file = path.join(directory, MANIFEST_FILE);
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new FlashlmError(
      'bad-stories',
      `${directory} holds no prepared stories.`,
      'Make them with `flashlm-mcu data prepare`.',
      { cause },
    );
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FlashlmError(
      'bad-stories',
      `${file} is not of this version of flashlm-mcu.`,
      'Prepare the stories again.',
      { cause },
    );
  }
}

async function readShard(directory: string, shard: Manifest['shards'][number]): Promise<Uint16Array> {
  const file = path.join(directory, shard.file);
  const bytes = await readFile(file).catch((cause) => {
    throw new FlashlmError('bad-stories', `${file} is missing.`, 'Prepare the stories again.', { cause });
  });
  if (createHash('sha256').update(bytes).digest('hex') !== shard.sha256) {
    throw new FlashlmError(
      'bad-stories',
      `${file} has changed since it was made.`,
      'Prepare the stories again.',
    );
  }
  const tokens = new Uint16Array(shard.tokens);
  for (let i = 0; i < tokens.length; i++) tokens[i] = bytes.readUInt16LE(2 * i);
  return tokens;
}
