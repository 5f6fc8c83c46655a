import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { writeTokenizer } from '../tokenizer/file.js';
import { END_OF_STORY, type Tokenizer } from '../tokenizer/tokenizer.js';
import { trainTokenizer } from '../tokenizer/train.js';
import { NearDuplicates } from './near-duplicates.js';
import { END_OF_STORY_LINE, readStories, storiesOf } from './stories.js';
import { storyFiles } from './story-files.js';
import { storyHash } from './story-hash.js';
import { codePoints, type Survey, surveyStories } from './survey.js';
import { HELD_OUT_FILE, MANIFEST_FILE, type Manifest, TOKENIZER_FILE } from './token-shards.js';

export interface PrepareRequest {
  /** Story files or folders. */
  data: string[];
  /** Fields of JSON lines that may hold the story; the default ones where undefined. */
  fields?: string[];
  /** Used as it is, or the size of one to learn. */
  tokenizer: Tokenizer | number;
  /** Files whose stories are held out instead of a split; nothing like them is trained on. */
  heldOut?: string[];
  /** Whether near duplicates within the training stories are left out, too. */
  leaveOutNear: boolean;
  directory: string;
  onProgress?: (progress: PrepareProgress) => void;
}

export interface PrepareProgress {
  /** 0..1 over both readings. */
  share: number;
  phase: 'counting' | 'learning the vocabulary' | 'encoding';
  stories: number;
}

/** Tokens of a shard, 16 MiB. */
const SHARD_TOKENS = 8 << 20;

const OWN_FILE = /^(manifest\.json|tokenizer\.json|held-out\.txt|shard-\d{5}\.tokens)(\.\d+\.part)?$/;

/**
 * Makes token shards of story files, reading them twice and never holding more than a shard: once to count, choose the
 * held-out stories and learn a vocabulary; once to leave out duplicates and encode. The manifest is written last: a
 * folder without it is not whole, and preparing it again begins anew.
 *
 * @throws FlashlmError of reading stories and of writing; bad-argument where the folder holds other files
 */
export async function prepareStories(request: PrepareRequest): Promise<Manifest> {
  const { directory, onProgress } = request;
  const files = await storyFiles(request.data);
  await clearFolder(directory);
  const totalBytes = 2 * files.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesRead = 0;
  let stories = 0;
  const report = (phase: PrepareProgress['phase']) =>
    onProgress?.({ share: Math.min(1, bytesRead / Math.max(1, totalBytes)), phase, stories });
  const watch = (phase: PrepareProgress['phase']) => (bytes: Uint8Array) => {
    bytesRead += bytes.length;
    report(phase);
  };

  const wanted = { heldOut: request.heldOut === undefined, sample: typeof request.tokenizer === 'number' };
  const survey = await surveyStories(files, request.fields, wanted, watch('counting'));
  const heldOut =
    request.heldOut === undefined ? [...survey.heldOut.values()] : await readStories(request.heldOut);
  report('learning the vocabulary');
  const tokenizer =
    typeof request.tokenizer === 'number'
      ? trainTokenizer(survey.sample, request.tokenizer)
      : request.tokenizer;
  survey.sample = [];

  const selection = new Selection(heldOut, request.heldOut === undefined, request.leaveOutNear);
  const writer = new ShardWriter(directory, tokenizer);
  for (const file of files) {
    for await (const story of storiesOf(file, request.fields, watch('encoding'))) {
      stories++;
      if (selection.takes(story)) await writer.add(story);
    }
  }
  await writer.flush();
  if (writer.stories === 0) {
    throw new FlashlmError(
      'bad-stories',
      'Nothing is left to train on: every story is a duplicate or held out.',
      'Give more stories.',
    );
  }
  return writeRest(directory, { survey, heldOut, tokenizer, selection, writer });
}

/** Decides which stories are trained on, and counts the others. */
class Selection {
  readonly duplicates: Manifest['duplicates'];
  private readonly seen = new Set<number>();
  private readonly heldOutHashes: Set<number>;
  private readonly near = new NearDuplicates();

  /** @param areAmongData whether the held-out stories come from the files themselves */
  constructor(
    heldOut: string[],
    private readonly areAmongData: boolean,
    leaveOutNear: boolean,
  ) {
    this.heldOutHashes = new Set(heldOut.map(storyHash));
    for (const story of heldOut) this.near.addHeldOut(story);
    this.duplicates = { exact: 0, near: 0, nearLeftOut: leaveOutNear, ofHeldOut: 0 };
  }

  takes(story: string): boolean {
    const hash = storyHash(story);
    const { duplicates } = this;
    if (this.heldOutHashes.has(hash)) {
      const isItself = this.areAmongData && !this.seen.has(hash);
      if (!isItself) duplicates.ofHeldOut++;
      this.seen.add(hash);
      return false;
    }
    if (this.seen.has(hash)) {
      duplicates.exact++;
      return false;
    }
    this.seen.add(hash);
    const resemblance = this.near.add(story);
    if (resemblance === 'held-out') {
      duplicates.ofHeldOut++;
      return false;
    }
    if (resemblance === 'none') return true;
    duplicates.near++;
    return !duplicates.nearLeftOut;
  }
}

/** Encodes stories and writes a shard whenever one is full. */
class ShardWriter {
  readonly shards: Manifest['shards'] = [];
  stories = 0;
  characters = 0;
  tokens = 0;
  private readonly bytes = Buffer.alloc(SHARD_TOKENS * 2);
  private used = 0;
  private storiesInShard = 0;

  constructor(
    private readonly directory: string,
    private readonly tokenizer: Tokenizer,
  ) {}

  async add(story: string): Promise<void> {
    const tokens = this.tokenizer.encode(story);
    if (this.used + tokens.length + 1 > SHARD_TOKENS) await this.flush();
    this.put(END_OF_STORY);
    for (const token of tokens) this.put(token);
    this.stories++;
    this.storiesInShard++;
    this.characters += codePoints(story);
    this.tokens += tokens.length;
  }

  async flush(): Promise<void> {
    if (this.used === 0) return;
    const file = `shard-${String(this.shards.length).padStart(5, '0')}.tokens`;
    const bytes = this.bytes.subarray(0, 2 * this.used);
    await writeFileAtomically(path.join(this.directory, file), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.shards.push({ file, stories: this.storiesInShard, tokens: this.used, sha256 });
    this.used = 0;
    this.storiesInShard = 0;
  }

  private put(token: number): void {
    this.bytes.writeUInt16LE(token, 2 * this.used++);
  }
}

async function writeRest(
  directory: string,
  parts: {
    survey: Survey;
    heldOut: string[];
    tokenizer: Tokenizer;
    selection: Selection;
    writer: ShardWriter;
  },
): Promise<Manifest> {
  const { survey, heldOut, tokenizer, selection, writer } = parts;
  await writeTokenizer(path.join(directory, TOKENIZER_FILE), tokenizer);
  const heldOutText = heldOut.map((story) => `${story}\n${END_OF_STORY_LINE}\n`).join('');
  await writeFileAtomically(path.join(directory, HELD_OUT_FILE), heldOutText);
  const manifest: Manifest = {
    format: 'flashlm-token-shards',
    version: 1,
    vocabulary: tokenizer.vocabularySize,
    stories: writer.stories,
    characters: writer.characters,
    tokens: writer.tokens,
    heldOut: {
      stories: heldOut.length,
      characters: heldOut.reduce((sum, story) => sum + codePoints(story), 0),
    },
    duplicates: selection.duplicates,
    sources: survey.sources,
    shards: writer.shards,
  };
  await writeFileAtomically(path.join(directory, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Removes what an earlier call left, the manifest first; other files are never touched. */
async function clearFolder(directory: string): Promise<void> {
  const names = await readdir(directory).catch((cause) => {
    if (cause.code === 'ENOENT') return [];
    throw new FlashlmError('write-failed', `${directory} is not a folder.`, 'Choose another --out folder.', {
      cause,
    });
  });
  const foreign = names.find((name) => !OWN_FILE.test(name));
  if (foreign !== undefined) {
    throw new FlashlmError(
      'bad-argument',
      `${directory} also holds ${foreign}.`,
      'Choose a new or empty --out folder.',
    );
  }
  await rm(path.join(directory, MANIFEST_FILE), { force: true });
  for (const name of names) await rm(path.join(directory, name), { force: true });
}
