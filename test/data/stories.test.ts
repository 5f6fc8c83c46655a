import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
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

it('a folder stands for all below it but hidden files and prepared stories; links are followed', async () => {
  await file('tree/z.txt', 'Z');
  await file('tree/deep/er/a.jsonl', '{"story": "A"}\n');
  await file('tree/.hidden/b.txt', 'B');
  await file('tree/prepared/shard-00000.tokens', 'x');
  await file('tree/prepared/held-out.txt', 'never trained on');
  await symlink(await file('elsewhere.txt', 'E'), path.join(folder, 'tree/link.txt'));
  await symlink(path.join(folder, 'tree'), path.join(folder, 'tree/deep/round'));
  await symlink(path.join(folder, 'nowhere'), path.join(folder, 'tree/broken.txt'));
  expect(await readStories([path.join(folder, 'tree')])).toEqual(['A', 'E', 'Z']);
});

it('a byte-order mark is no text, and a carriage return alone is kept', async () => {
  const mebibyte = 1 << 20;
  const begin = 'a'.repeat(mebibyte - 1);
  const source = await file('mark.txt', `\ufeff${begin.slice(3)}\r\nb\rc`);
  expect(await readStories([source])).toEqual([`${begin.slice(3)}\nb\rc`]);
});

it('characters and end lines may lie across the pieces that a file is read in', async () => {
  const mebibyte = 1 << 20;
  for (let shift = 0; shift < 16; shift++) {
    const begin = 'a'.repeat(mebibyte - shift);
    const source = await file('across.txt', `${begin}<|endoftext|>\u20ac\u{1f600}\u00e9`);
    const euro = await file('euro.txt', `${begin}\u20ac\u{1f600}\u00e9`);
    expect(await readStories([source])).toEqual([begin, '\u20ac\u{1f600}\u00e9']);
    expect(await readStories([euro])).toEqual([`${begin}\u20ac\u{1f600}\u00e9`]);
  }
});

it.each([
  ['within a character', [0xe2, 0x82, 0x20]],
  ['a byte that only goes on', [0x80, 0x80]],
  ['an overlong form', [0xc0, 0xaf]],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ['at the end of the file', [0xf0, 0x9f]],
])('a wrong byte is named where its character begins: %s', async (_, bytes) => {
  for (const before of [0, 5, (1 << 20) - 2, (1 << 20) - 1, 1 << 20, (1 << 20) + 3]) {
    const content = Buffer.concat([Buffer.from('x'.repeat(before)), Buffer.from(bytes)]);
    const source = await file('wrong.txt', content);
    await expect(readStories([source])).rejects.toThrow(`byte ${before} is no UTF-8 text`);
  }
  const packed = gzipSync(Buffer.concat([Buffer.from('good'), Buffer.from(bytes)]));
  await expect(readStories([await file('wrong.txt.gz', packed)])).rejects.toThrow(
    'byte 4 of what it unpacks to',
  );
});

it('a text without end lines is cut at a paragraph, a line, a word or between characters, and nothing is lost', async () => {
  const size = 5 << 20;
  for (const unit of [`${'w '.repeat(300)}\n\n`, `${'w '.repeat(300)}\n`, 'words ', 'x', '\u{1f600}']) {
    const text = unit.repeat(size / unit.length).trim();
    const parts = await readStories([await file('long.txt', text)]);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(2 << 20);
    expect(parts.join('').replaceAll(/\s/g, '') === text.replaceAll(/\s/g, '')).toBe(true);
    if (unit.endsWith('\n\n')) for (const part of parts) expect(part.startsWith('w ')).toBe(true);
  }
});

it('JSON lines may hold several stories each', async () => {
  const lines = [{ text: 'One.\n<|endoftext|>\nTwo.' }, { text: ' ' }, { story: 'Three.' }];
  const source = await file('lines.json', lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(await readStories([source])).toEqual(['One.', 'Two.', 'Three.']);
});

it.each([
  [
    'a packed file that was cut off',
    'cut.txt.gz',
    gzipSync('Once upon a time.').subarray(0, 25),
    /cannot be read/,
  ],
  ['an empty packed file', 'empty.txt.gz', gzipSync(''), /holds no story/],
  ['lines without a story', 'blank.jsonl', '\n\n{"text": ""}\n', /holds no story/],
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

it('a folder that cannot be read is named', async () => {
  const loop = path.join(folder, 'loop');
  await symlink(loop, loop);
  await expect(readStories([loop])).rejects.toThrow(/loop cannot be read: ELOOP/);
  await mkdir(path.join(folder, 'bare'));
  await expect(readStories([path.join(folder, 'bare')])).rejects.toThrow(
    /bare holds no \.txt or \.jsonl file/,
  );
});
