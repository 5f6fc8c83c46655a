import { FlashlmError } from '../errors.js';
import { cutLongStory } from './long-stories.js';
import { type StoryFile, storyFiles } from './story-files.js';
import { type OnBytes, textChunks } from './text-chunks.js';

/** The line that ends a story in a story file, as TinyStories writes it. */
export const END_OF_STORY_LINE = '<|endoftext|>';

/** Fields of a JSON line that may hold its story, in order of preference. */
export const DEFAULT_FIELDS = ['text', 'story'];

/** A line of JSON beyond this is taken for a file that has no lines, in UTF-16 units. */
const LONGEST_LINE = 64 << 20;

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
 * The stories of a file, one after another, without surrounding white space, none empty, none longer than LONGEST_STORY.
 * A story shares the memory of the megabyte that it was read with: copy what is kept of a file larger than memory.
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
  const batches = file.format === 'text' ? splitChunks(chunks) : jsonStories(chunks, file.path, fields);
  let found = false;
  for await (const batch of batches) {
    for (const text of batch) {
      const story = text.trim();
      if (story === '') continue;
      found = true;
      yield story;
    }
  }
  if (!found) {
    throw new FlashlmError(
      'bad-stories',
      `${file.path} holds no story.`,
      'Give a text file with stories in it.',
    );
  }
}

/** Texts between end lines, as many at a time as end in a chunk. */
async function* splitChunks(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  let pending = '';
  for await (const chunk of chunks) {
    const texts = (pending + chunk).split(END_OF_STORY_LINE).flatMap(cutLongStory);
    // Of a long story the end goes on; the end line itself may lie in two chunks.
    pending = texts.pop() ?? '';
    yield texts;
  }
  yield [pending];
}

async function* jsonStories(
  chunks: AsyncIterable<string>,
  file: string,
  fields: string[],
): AsyncGenerator<string[]> {
  let pending = '';
  let number = 0;
  const storiesOfLine = (line: string) => {
    number++;
    if (line.trim() === '') return [];
    const text = textOfLine(line, `Line ${number} of ${file}`, fields);
    return text.split(END_OF_STORY_LINE).flatMap(cutLongStory);
  };
  for await (const chunk of chunks) {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > LONGEST_LINE) {
      throw new FlashlmError(
        'bad-stories',
        `Line ${number + lines.length + 1} of ${file} is longer than ${LONGEST_LINE} characters.`,
        'Give one JSON object a line.',
      );
    }
    yield lines.flatMap(storiesOfLine);
  }
  yield storiesOfLine(pending);
}

function textOfLine(line: string, place: string, fields: string[]): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new FlashlmError(
      'bad-stories',
      `${place} is not JSON.`,
      'Give one JSON object a line; mend this one or leave it out.',
      { cause },
    );
  }
  if (typeof value === 'object' && value !== null) {
    for (const field of fields) {
      const text: unknown = (value as Record<string, unknown>)[field];
      if (typeof text === 'string') return text;
    }
  }
  throw new FlashlmError(
    'bad-stories',
    `${place} has no text in a field ${fields.map((field) => `"${field}"`).join(' or ')}.`,
    'Name the field that holds the story: flashlm-mcu data prepare --field NAME.',
  );
}
