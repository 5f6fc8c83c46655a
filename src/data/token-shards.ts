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
export const SHARD_FORMAT = 'flashlm-token-shards';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a folder of prepared stories holds; written last, so that a folder with it is whole. */
export const manifestSchema = z.strictObject({
  format: z.literal(SHARD_FORMAT),
  version: z.literal(1),
  vocabulary: z.int().min(2).max(65535),
  /** Names what each token stands for. */
  tokenizerFingerprint: sha256,
  /** Training stories, their characters (Unicode code points) and tokens; one more token begins each story. */
  stories: count,
  characters: count,
  tokens: count,
  heldOut: z.strictObject({ stories: count, characters: count, sha256 }),
  duplicates: z.strictObject({
    /** Left out: the same text as an earlier story. */
    exact: count,
    /** Nearly the same as an earlier story; left out or kept as `nearLeftOut` says. */
    near: count,
    nearLeftOut: z.boolean(),
    /** Left out: the same, or nearly the same, as a held-out story. */
    ofHeldOut: z.strictObject({ exact: count, near: count }),
  }),
  /** `trainedOn` of the stories are in the shards: the others are held out or duplicates. */
  sources: z.array(
    z.strictObject({ name: z.string(), stories: count, characters: count, trainedOn: count, sha256 }),
  ),
  /** `tokens` with those that begin stories: half the bytes of the file. */
  shards: z.array(
    z.strictObject({
      file: z.string().regex(/^shard-\d{5}\.tokens$/),
      stories: count,
      tokens: count,
      sha256,
    }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A folder of prepared stories, opened. */
export interface TokenShards {
  manifest: Manifest;
  tokenizer: Tokenizer;
  /** Sizes of the shards; `tokens` with those that begin stories. */
  shards: { stories: number; tokens: number }[];
  /** @returns the tokens of a shard; each story begins with END_OF_STORY */
  readShard(index: number): Promise<Uint16Array>;
  heldOutStories(): Promise<string[]>;
}

/**
 * Opens what `data prepare` left. Shards and held-out stories are checked when they are read.
 * @throws FlashlmError bad-stories where the folder, or what is read of it, is not as it was written
 */
export async function openTokenShards(directory: string): Promise<TokenShards> {
  const manifest = await readManifest(directory);
  const tokenizerFile = path.join(directory, TOKENIZER_FILE);
  const tokenizer = await readTokenizer(tokenizerFile);
  if (tokenizerFingerprint(tokenizer) !== manifest.tokenizerFingerprint) throw notAsWritten(tokenizerFile);
  return {
    manifest,
    tokenizer,
    shards: manifest.shards,
    readShard: (index) => readShard(directory, manifest.shards[index]),
    heldOutStories: () => readHeldOut(directory, manifest.heldOut),
  };
}

/** SHA-256 over how a text is cut and the bytes of each token: equal where the same text gives the same tokens. */
export function tokenizerFingerprint({ cut, pieces }: Tokenizer): string {
  const checksum = createHash('sha256').update(`${cut}\n`);
  for (const piece of pieces) checksum.update(`${piece.length} `).update(piece);
  return checksum.digest('hex');
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
  const bytes = await readChecked(file, shard.sha256);
  const tokens = new Uint16Array(shard.tokens);
  for (let i = 0; i < tokens.length; i++) tokens[i] = bytes.readUInt16LE(2 * i);
  return tokens;
}

async function readHeldOut(directory: string, heldOut: Manifest['heldOut']): Promise<string[]> {
  const file = path.join(directory, HELD_OUT_FILE);
  await readChecked(file, heldOut.sha256);
  return heldOut.stories === 0 ? [] : readStories([file]);
}

async function readChecked(file: string, expected: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const what =
      cause.code === 'ENOENT' ? `${file} is missing.` : `${file} cannot be read: ${cause.message}.`;
    throw new FlashlmError('bad-stories', what, 'Prepare the stories again.', { cause });
  });
  if (createHash('sha256').update(bytes).digest('hex') !== expected) throw notAsWritten(file);
  return bytes;
}

function notAsWritten(file: string): FlashlmError {
  return new FlashlmError(
    'bad-stories',
    `${file} has changed since it was made, or was cut off.`,
    'Prepare the stories again.',
  );
}
