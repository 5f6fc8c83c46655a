import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readStories } from '../../src/data/stories.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-stories-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const location = path.join(folder, name);
  await mkdir(path.dirname(location), { recursive: true });
  await writeFile(location, content);
  return location;
}

it('stories are split at their end lines, and paragraphs kept', async () => {
  const source = await file('two.txt', 'One.\nTwo.\n<|endoftext|>\nThree.\r\nFour.\n<|endoftext|>\n');
  expect(await readStories([source])).toEqual(['One.\nTwo.', 'Three.\nFour.']);
});

it('a folder stands for its text files, in order of name', async () => {
  await file('shelf/b.txt', 'B');
  await file('shelf/a.txt', 'A');
  await file('shelf/notes.md', 'not a story');
  expect(await readStories([path.join(folder, 'shelf')])).toEqual(['A', 'B']);
});

it.each([
  ['an empty file', 'empty.txt', new Uint8Array(0), /holds no story/],
  ['a file of end lines only', 'ends.txt', Buffer.from('<|endoftext|>\n\n<|endoftext|>\n'), /holds no story/],
  ['a binary file', 'binary.txt', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1), /is not a text file/],
  ['text that is no UTF-8', 'latin1.txt', Uint8Array.of(0x63, 0xe9, 0x20), /is not a text file/],
])('%s is refused in one sentence', async (_, name, content, message) => {
  const error = readStories([await file(name, content)]);
  await expect(error).rejects.toMatchObject({ code: 'bad-stories' });
  await expect(error).rejects.toThrow(message);
});

it('a missing file is named', async () => {
  await expect(readStories([path.join(folder, 'none.txt')])).rejects.toMatchObject({ code: 'missing-file' });
});
