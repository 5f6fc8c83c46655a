import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTokenizer, writeTokenizer } from '../../src/tokenizer/file.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a tokenizer file brings back the same tokenizer', async () => {
  const file = path.join(folder, 'tokenizer.json');
  await writeTokenizer(file, new Tokenizer([' the', 'ä', '"\n']));
  expect((await readTokenizer(file)).pieces).toEqual(new Tokenizer([' the', 'ä', '"\n']).pieces);
});

it.each([
  ['text that is no JSON', 'stories'],
  ['JSON of another kind', '{"format":"gpt2","version":1,"pieces":[]}'],
  ['pieces that are no strings', '{"format":"flashlm-tokenizer","version":1,"pieces":[1]}'],
])('%s is refused by name', async (_, content) => {
  const file = path.join(folder, 'other.json');
  await writeFile(file, content);
  await expect(readTokenizer(file)).rejects.toMatchObject({ code: 'bad-tokenizer' });
});

it('a missing file is named', async () => {
  await expect(readTokenizer(path.join(folder, 'none.json'))).rejects.toMatchObject({ code: 'missing-file' });
});
