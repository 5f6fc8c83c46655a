import { createHash } from 'node:crypto';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { writeTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { trainTokenizer } from '../tokenizer/train.js';
import { PrepareMeter, type PrepareProgress } from './prepare-meter.js';
import { abandonFolder, beginFolder, finishFolder, requireOwnFolder } from './prepared-folder.js';
import { Selection } from './selection.js';
import { ShardWriter } from './shard-writer.js';
import { END_OF_STORY_LINE, readStories, storiesOf } from './stories.js';
import { type StoryFile, storyFiles } from './story-files.js';
import { codePoints, type Survey, surveyStories } from './survey.js';
import {
  HELD_OUT_FILE,
  type Manifest,
  SHARD_FORMAT,
  TOKENIZER_FILE,
  tokenizerFingerprint,
} from './token-shards.js';

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

/** What the second reading makes of the stories. */
interface Prepared {
  survey: Survey;
  heldOut: string[];
  tokenizer: Tokenizer;
  selection: Selection;
  writer: ShardWriter;
  /** Of each source, how many stories are in the shards. */
  trainedOn: number[];
}

/**
 * Makes token shards of story files, reading them twice and never holding more than a shard: once to count, choose the
 * held-out stories and learn a vocabulary; once to leave out duplicates and encode. The manifest is written last: a
 * folder without it is not whole, and preparing it again begins anew.
 *
 * @throws FlashlmError of reading stories and of writing; bad-argument where the folder holds other files
 */
export async function prepareStories(request: PrepareRequest): Promise<Manifest> {
  const { directory } = request;
  await requireOwnFolder(directory);
  const files = await storyFiles(request.data);
  requireRepeatable(files);
  const meter = new PrepareMeter(files, request.onProgress);
  const survey = await surveyStories({
    files,
    fields: request.fields,
    holdOut: request.heldOut === undefined,
    wantSample: typeof request.tokenizer === 'number',
    onBytes: (bytes) => meter.read('counting', bytes.length),
    onStory: () => meter.countStory(),
  });
  const heldOut = request.heldOut === undefined ? survey.heldOut : await readStories(request.heldOut);
  const selection = new Selection({
    heldOut,
    heldOutIsAmongData: request.heldOut === undefined,
    leaveOutNear: request.leaveOutNear,
    stories: survey.stories,
  });
  const tokenizer = chooseTokenizer(request.tokenizer, survey, selection, meter);
  await beginFolder(directory);
  try {
    const writer = new ShardWriter(directory, tokenizer);
    const trainedOn = await encodeStories(request, files, { survey, selection, writer, meter });
    return await writeRest(directory, { survey, heldOut, tokenizer, selection, writer, trainedOn });
  } catch (error) {
    await abandonFolder(directory).catch(() => undefined);
    throw error;
  }
}

function requireRepeatable(files: StoryFile[]): void {
  const pipe = files.find(({ isRepeatable }) => !isRepeatable);
  if (pipe === undefined) return;
  throw new FlashlmError(
    'bad-argument',
    `${pipe.path} is not a file that can be read twice.`,
    'Write the stories to a file first; it may be compressed with gzip.',
  );
}

/** A vocabulary is learned from training stories only. */
function chooseTokenizer(
  wanted: Tokenizer | number,
  survey: Survey,
  selection: Selection,
  meter: PrepareMeter,
): Tokenizer {
  const sample = survey.sample;
  survey.sample = [];
  if (typeof wanted !== 'number') return wanted;
  meter.learn();
  return trainTokenizer(
    sample.filter((story) => !selection.resemblesHeldOut(story)),
    wanted,
  );
}

async function encodeStories(
  { fields }: PrepareRequest,
  files: StoryFile[],
  {
    survey,
    selection,
    writer,
    meter,
  }: { survey: Survey; selection: Selection; writer: ShardWriter; meter: PrepareMeter },
): Promise<number[]> {
  const trainedOn: number[] = [];
  meter.startAgain();
  for (const [index, file] of files.entries()) {
    const before = writer.stories;
    const checksum = createHash('sha256');
    const watch = (bytes: Uint8Array) => {
      checksum.update(bytes);
      meter.read('encoding', bytes.length);
    };
    for await (const story of storiesOf(file, fields, watch)) {
      meter.countStory();
      if (selection.takes(story)) await writer.add(story);
    }
    if (checksum.digest('hex') !== survey.sources[index].sha256) {
      throw new FlashlmError(
        'bad-stories',
        `${file.path} changed while it was read.`,
        'Run the command again when it is at rest.',
      );
    }
    trainedOn.push(writer.stories - before);
  }
  await writer.flush();
  if (writer.stories > 0) return trainedOn;
  throw new FlashlmError(
    'bad-stories',
    'Nothing is left to train on: every story is a duplicate or held out.',
    'Give more stories.',
  );
}

async function writeRest(directory: string, prepared: Prepared): Promise<Manifest> {
  const { survey, heldOut, tokenizer, selection, writer, trainedOn } = prepared;
  await writeTokenizer(path.join(directory, TOKENIZER_FILE), tokenizer);
  const heldOutText = heldOut.map((story) => `${story}\n${END_OF_STORY_LINE}\n`).join('');
  await writeFileAtomically(path.join(directory, HELD_OUT_FILE), heldOutText);
  const manifest: Manifest = {
    format: SHARD_FORMAT,
    version: 1,
    vocabulary: tokenizer.vocabularySize,
    tokenizerFingerprint: tokenizerFingerprint(tokenizer),
    stories: writer.stories,
    characters: writer.characters,
    tokens: writer.tokens,
    heldOut: {
      stories: heldOut.length,
      characters: heldOut.reduce((sum, story) => sum + codePoints(story), 0),
      sha256: createHash('sha256').update(heldOutText).digest('hex'),
    },
    duplicates: selection.duplicates,
    sources: survey.sources.map((source, index) => ({ ...source, trainedOn: trainedOn[index] })),
    shards: writer.shards,
  };
  const names = writer.shards.map(({ file }) => file);
  await finishFolder(directory, names, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
