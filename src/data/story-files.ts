import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';

/** A file with stories in it. */
export interface StoryFile {
  /** As it was given, or under the folder that was given. */
  path: string;
  format: 'text' | 'jsonl';
  compressed: boolean;
  /** As it lies on disk. */
  bytes: number;
  /** Whether it can be read twice: a pipe cannot. */
  isRepeatable: boolean;
}

/** Names that a folder stands for. */
const STORY_FILE = /\.(txt|jsonl|ndjson|jsonlines)(\.gz)?$/i;
const JSON_LINES = /\.(jsonl|ndjson|jsonlines|json)(\.gz)?$/i;
/** In a folder of prepared stories, whose held-out.txt must never be taken for training data. */
const FIRST_SHARD = 'shard-00000.tokens';

/**
 * The story files behind paths: a file stands for itself, a folder for the .txt, .jsonl, .ndjson and .jsonlines files below
 * it (also with .gz), in order of their paths; links are followed, hidden files and folders of prepared stories left out.
 * A file named outright that has another ending is taken for text.
 *
 * @throws FlashlmError missing-file or bad-stories, naming the path
 */
export async function storyFiles(paths: string[]): Promise<StoryFile[]> {
  const files: StoryFile[] = [];
  for (const location of paths) {
    const information = await lookAt(location);
    if (!information.isDirectory()) {
      files.push(describe(location, information));
      continue;
    }
    const below: StoryFile[] = [];
    await gather(location, below, new Set());
    if (below.length === 0) {
      throw new FlashlmError(
        'bad-stories',
        `The folder ${location} holds no .txt or .jsonl file.`,
        'Put stories there.',
      );
    }
    files.push(...below.sort((a, b) => (a.path < b.path ? -1 : 1)));
  }
  return files;
}

/** @param visited real paths of folders, since links may lead in circles */
async function gather(folder: string, files: StoryFile[], visited: Set<string>): Promise<void> {
  const real = await realpath(folder);
  if (visited.has(real)) return;
  visited.add(real);
  const names = await readdir(folder).catch((cause: Error) => {
    throw unreadable(folder, cause);
  });
  if (names.includes(FIRST_SHARD)) return;
  for (const name of names) {
    if (name.startsWith('.')) continue;
    const location = path.join(folder, name);
    // A link into nowhere is nobody's story.
    const information = await stat(location).catch(() => null);
    if (information?.isDirectory()) await gather(location, files, visited);
    else if (information?.isFile() && STORY_FILE.test(name)) files.push(describe(location, information));
  }
}

async function lookAt(location: string): Promise<Stats> {
  return stat(location).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw unreadable(location, cause);
    throw new FlashlmError('missing-file', `There is no file ${location}.`, 'Give the path of a story file.');
  });
}

function unreadable(location: string, cause: Error): FlashlmError {
  return new FlashlmError(
    'bad-stories',
    `${location} cannot be read: ${cause.message}.`,
    'Mend that, or give other files.',
    { cause },
  );
}

function describe(file: string, information: Stats): StoryFile {
  return {
    path: file,
    format: JSON_LINES.test(file) ? 'jsonl' : 'text',
    compressed: /\.gz$/i.test(file),
    bytes: information.size,
    isRepeatable: information.isFile(),
  };
}
