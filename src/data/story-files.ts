import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
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
}

const NAME = /\.(txt|jsonl|ndjson)(\.gz)?$/i;

/**
 * The story files behind paths: a file stands for itself, a folder for the .txt, .jsonl and .ndjson files below it (also
 * with .gz), in order of their paths. A file named outright that has another ending is taken for text.
 *
 * @throws FlashlmError missing-file or bad-stories, naming the path
 */
export async function storyFiles(paths: string[]): Promise<StoryFile[]> {
  const files: StoryFile[] = [];
  for (const location of paths) {
    const information = await stat(location).catch(() => null);
    if (information === null) {
      throw new FlashlmError(
        'missing-file',
        `There is no file ${location}.`,
        'Give the path of a story file.',
      );
    }
    if (!information.isDirectory()) {
      files.push(describe(location, information.size));
      continue;
    }
    const found = await filesBelow(location);
    if (found.length === 0) {
      throw new FlashlmError(
        'bad-stories',
        `The folder ${location} holds no .txt or .jsonl file.`,
        'Put stories there.',
      );
    }
    for (const file of found) files.push(describe(file, (await stat(file)).size));
  }
  return files;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new FlashlmError(
      'bad-stories',
      `The folder ${folder} cannot be read: ${cause.message}.`,
      'Mend that, or give other files.',
      { cause },
    );
  });
  const isStoryFile = (entry: Dirent) => entry.isFile() && NAME.test(entry.name);
  return entries
    .filter(isStoryFile)
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function describe(file: string, bytes: number): StoryFile {
  const match = NAME.exec(file);
  const isText = match === null || match[1].toLowerCase() === 'txt';
  return { path: file, format: isText ? 'text' : 'jsonl', compressed: /\.gz$/i.test(file), bytes };
}
