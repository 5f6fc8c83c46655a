import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { splitStories } from '../data/hold-out.js';
import { storiesOf } from '../data/stories.js';
import { storyFiles } from '../data/story-files.js';
import { codePoints } from '../data/survey.js';
import { MANIFEST_FILE, openTokenShards } from '../data/token-shards.js';
import { FlashlmError } from '../errors.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { DataFile } from '../train/run-record.js';
import { encodeTrainingData, shardedTrainingData, type TrainingData } from '../train/training-data.js';
import { chooseTokenizer, type TrainOptions } from './train-options.js';

/** What a run is trained on, with what the card says of it. */
export interface ChosenData {
  data: TrainingData;
  tokenizer: Tokenizer;
  files: DataFile[];
}

/** Story files, read into memory, or one folder of prepared stories. */
export async function chooseData(
  options: TrainOptions,
  start: Checkpoint | null,
  directory: string,
  vocabulary: number,
): Promise<ChosenData> {
  const [first, ...others] = options.data;
  if (others.length === 0 && (await stat(path.join(first, MANIFEST_FILE)).catch(() => null)) !== null) {
    return choosePrepared(options, start, first);
  }
  const stories: string[] = [];
  const files: DataFile[] = [];
  for (const file of await storyFiles(options.data)) {
    const before = stories.length;
    for await (const story of storiesOf(file)) stories.push(story);
    const own = stories.slice(before);
    files.push({
      name: file.path,
      stories: own.length,
      characters: own.reduce((sum, story) => sum + codePoints(story), 0),
      sha256: await checksumOf(file.path),
    });
  }
  const split = splitStories(stories);
  const tokenizer = await chooseTokenizer(options, start, directory, split.training, vocabulary);
  return { data: encodeTrainingData(split, tokenizer), tokenizer, files };
}

async function choosePrepared(
  options: TrainOptions,
  start: Checkpoint | null,
  folder: string,
): Promise<ChosenData> {
  if (options.tokenizer !== undefined || options.vocabulary !== undefined) {
    throw new FlashlmError(
      'bad-argument',
      `${folder} was prepared with a vocabulary of its own.`,
      'Leave --tokenizer and --vocabulary out, or prepare it again with another one.',
    );
  }
  const shards = await openTokenShards(folder);
  if (start !== null && !start.tokenizer.hasSameTokens(shards.tokenizer)) {
    throw new FlashlmError(
      'bad-argument',
      `${folder} was prepared with another vocabulary than that of ${start.model.name}.`,
      "Give the story files, or prepare them with --tokenizer and the model's tokenizer.json.",
    );
  }
  return {
    data: await shardedTrainingData(shards),
    tokenizer: shards.tokenizer,
    files: shards.manifest.sources,
  };
}

async function checksumOf(file: string): Promise<string> {
  const checksum = createHash('sha256');
  for await (const chunk of createReadStream(file)) checksum.update(chunk as Buffer);
  return checksum.digest('hex');
}
