import { FlashlmError } from '../errors.js';
import { type StoryFile, storyFiles } from './story-files.js';
import { type OnBytes, textChunks } from './text-chunks.js';

/** The line that ends a story in a story file, as TinyStories writes it. */
export const END_OF_STORY_LINE = '<|endoftext|>';

/** A text without end lines is cut at the end of a paragraph when it gets longer than this, in characters. */
const LONGEST_STORY = 4 << 20;

/** Fields of a JSON line that may hold its story, in order of preference. */
export const DEFAULT_FIELDS = ['text', 'story'];

/**
 * Reads story files whole: UTF-8 text, one story after another, each followed by a line `<|endoftext|>` (a file without
 * such a line is one story), or JSON lines with the story in a field `text` or `story`; also compressed (.gz).
 *
 * @param paths files or folders
 * @returns the stories in order, without surrounding white space, none empty
 * @throws FlashlmError missing-file or bad-stories, naming the file
 */
export async function readStories(paths: string[]): Promise<string[]> {
  const stories: string[] = [];
  for (const file of await storyFiles(paths)) {
    for await (const story of storiesOf(file)) stories.push(story);
  }
  return stories;
}

/**
 * The stories of a file, one after another, without surrounding white space, none empty.
 *
 * @param fields of JSON lines, in order of preference
 * @throws FlashlmError bad-stories, naming file and place; also where there is no story
 */
export async function* storiesOf(
  file: StoryFile,
  fields: string[] = DEFAULT_FIELDS,
  onBytes?: OnBytes,
): AsyncGenerator<string> {
  const chunks = textChunks(file, onBytes);
  const texts = file.format === 'text' ? splitStories(chunks) : jsonStories(chunks, file.path, fields);
  let found = false;
  for await (const text of texts) {
    const story = text.trim();
    if (story === '') continue;
    found = true;
    yield story;
  }
  if (!found) {
    throw new FlashlmError(
      'bad-stories',
      `${file.path} holds no story.`,
      'Give a text file with stories in it.',
    );
  }
}

async function* splitStories(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let pending = '';
  for await (const chunk of chunks) {
    const parts = (pending + chunk).split(END_OF_STORY_LINE);
    pending = parts.pop() ?? '';
    yield* parts;
    while (pending.length > LONGEST_STORY) {
      const paragraph = pending.lastIndexOf('\n', LONGEST_STORY);
      const end = paragraph > 0 ? paragraph + 1 : LONGEST_STORY;
      yield pending.slice(0, end);
      pending = pending.slice(end);
    }
  }
  yield pending;
}

async function* jsonStories(
  chunks: AsyncIterable<string>,
  file: string,
  fields: string[],
): AsyncGenerator<string> {
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number++;
    if (line.trim() !== '') yield storyOfLine(line, `Line ${number} of ${file}`, fields);
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let pending = '';
  for await (const chunk of chunks) {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    yield* lines;
  }
  yield pending;
}

function storyOfLine(line: string, place: string, fields: string[]): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new FlashlmError('bad-stories', `${place} is not JSON.`, 'Mend the line or leave it out.', {
      cause,
    });
  }
  if (typeof value === 'object' && value !== null) {
    for (const field of fields) {
      const story: unknown = (value as Record<string, unknown>)[field];
      if (typeof story === 'string') return story;
    }
  }
  throw new FlashlmError(
    'bad-stories',
    `${place} has no text in a field ${fields.map((field) => `"${field}"`).join(' or ')}.`,
    'Name the field that holds the story with --field.',
  );
}
