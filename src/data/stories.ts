import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';

/** The line that ends a story in a story file, as TinyStories writes it. */
export const END_OF_STORY_LINE = '<|endoftext|>';

/**
 * Reads story files: UTF-8 text, one story after another, each followed by a line `<|endoftext|>`.
 * A file without such a line is one story. A folder stands for the .txt files in it, in order of name.
 *
 * @param paths files or folders
 * @returns the stories in order, without surrounding white space, none empty
 * @throws FlashlmError missing-file or bad-stories, naming the file
 */
export async function readStories(paths: string[]): Promise<string[]> {
  const files = (await Promise.all(paths.map(expandFolder))).flat();
  const stories: string[] = [];
  for (const file of files) {
    for (const story of await readStoryFile(file)) stories.push(story);
  }
  return stories;
}

async function expandFolder(location: string): Promise<string[]> {
  const information = await stat(location).catch(() => null);
  if (information === null) {
    throw new FlashlmError('missing-file', `There is no file ${location}.`, 'Give the path of a story file.');
  }
  if (!information.isDirectory()) return [location];
  const names = (await readdir(location)).filter((name) => name.endsWith('.txt')).sort();
  if (names.length === 0) {
    throw new FlashlmError('bad-stories', `The folder ${location} holds no .txt file.`, 'Put stories there.');
  }
  return names.map((name) => path.join(location, name));
}

async function readStoryFile(file: string): Promise<string[]> {
  const stories = decodeText(await readFile(file), file)
    .split(END_OF_STORY_LINE)
    .map((story) => story.trim())
    .filter((story) => story !== '');
  if (stories.length === 0) {
    throw new FlashlmError('bad-stories', `${file} holds no story.`, 'Give a text file with stories in it.');
  }
  return stories;
}

/** Decodes UTF-8 strictly: a wrong file named by mistake must not be trained on. */
function decodeText(bytes: Uint8Array, file: string): string {
  const binary = new FlashlmError(
    'bad-stories',
    `${file} is not a text file.`,
    'Give UTF-8 text, a line <|endoftext|> after each story.',
  );
  if (bytes.includes(0)) throw binary;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw binary;
  }
}
