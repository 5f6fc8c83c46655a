import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFlashlmTokenizer } from '../../src/import/flashlm-tokenizer.js';
import { readForeignTokenizer } from '../../src/import/tokenizer-file.js';
import { compareCuts } from '../../src/tokenizer/compare-cuts.js';
import {
  inChipOrder,
  readStoredTokenizer,
  writeModelVocabulary,
  writeTokenizer,
} from '../../src/tokenizer/file.js';
import { loadGpt2 } from '../../src/tokenizer/gpt2.js';
import {
  END_OF_STORY,
  FIRST_BYTE_TOKEN,
  FIRST_PIECE_TOKEN,
  Tokenizer,
} from '../../src/tokenizer/tokenizer.js';
import { madeUpStories } from '../fixtures/stories.js';

const SCRIPT = path.resolve(import.meta.dirname, '../../scripts/make-flashlm-tokenizer.mjs');
const STORIES = [...madeUpStories(100), 'A naïve cat said: “Meow!” ♥'];
const SIZE = 90;

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-import-'));
  file = path.join(folder, 'tokenizer.json');
  const data = path.join(folder, 'stories.txt');
  await writeFile(data, STORIES.join('\n<|endoftext|>\n'));
  const { stdout } = await execa(process.execPath, [SCRIPT, String(SIZE), data]);
  await writeFile(file, stdout);
});
afterAll(() => rm(folder, { recursive: true }));

it("GPT-2's tokens are those that GPT-2 gives", async () => {
  const gpt2 = await loadGpt2();
  // OpenAI's encoder.json and vocab.bpe; 198 is the line end, 447 and 250 the three bytes of a left quote
  expect(gpt2.encode('Once upon a time')).toEqual([7454, 2402, 257, 640]);
  expect(gpt2.encode('Hello world\n')).toEqual([15496, 995, 198]);
  expect(gpt2.encode('“')).toEqual([447, 250]);
  expect(gpt2.encode('<|endoftext|>')).toEqual([27, 91, 437, 1659, 5239, 91, 29]);
  expect(gpt2.pieces).toHaveLength(50256);
  expect(gpt2.pieces[447]).toEqual(Uint8Array.of(0xe2, 0x80));
});

describe("FlashLM's tokenizer", () => {
  it('gives every id of the model the bytes of its token of GPT-2', async () => {
    const { vocabulary } = await readForeignTokenizer(file);
    const { id_to_base: baseOfId } = JSON.parse(readFileSync(file, 'utf8'));
    const gpt2 = await loadGpt2();
    expect(vocabulary.pieces).toHaveLength(SIZE);
    expect(vocabulary.pieces.filter((piece) => piece !== null).length).toBeGreaterThan(50);
    expect(vocabulary.pieces.slice(0, 4)).toEqual([null, null, null, null]);
    for (let id = 4; id < SIZE; id++)
      expect(vocabulary.pieces[id]).toEqual(gpt2.pieces[baseOfId[id]] ?? null);
    expect(vocabulary.endOfStory).toBe(3);
  });

  it('has every byte on the chip: those that it lacks take the row of the padding', async () => {
    const { tokenizer, rows, vocabulary } = await readForeignTokenizer(file);
    expect(rows?.[END_OF_STORY]).toBe(3);
    for (let byte = 0; byte < 256; byte++) {
      const id = vocabulary.pieces.findIndex((piece) => piece?.length === 1 && piece[0] === byte);
      expect(rows?.[FIRST_BYTE_TOKEN + byte]).toBe(id < 0 ? 0 : id);
      expect(tokenizer.pieces[FIRST_BYTE_TOKEN + byte]).toEqual(Uint8Array.of(byte));
    }
    for (let token = FIRST_PIECE_TOKEN; token < tokenizer.vocabularySize; token++) {
      expect(tokenizer.pieces[token]).toEqual(vocabulary.pieces[rows?.[token] ?? -1]);
    }
    const longer = vocabulary.pieces.filter((piece) => piece !== null && piece.length > 1);
    expect(tokenizer.vocabularySize).toBe(FIRST_PIECE_TOKEN + longer.length);
  });

  it('cuts a text as GPT-2 does, and what it lacks into pieces that it has', async () => {
    const { tokenizer, rows } = await readForeignTokenizer(file);
    const { base_to_id: idOfBase } = JSON.parse(readFileSync(file, 'utf8'));
    const gpt2 = await loadGpt2();
    for (const story of STORIES.slice(0, 100)) {
      const ids = Array.from(tokenizer.encode(story), (token) => rows?.[token]);
      expect(ids).toEqual(gpt2.encode(story).map((base) => idOfBase[base]));
    }
    const unknown = ' xylophone';
    expect(gpt2.encode(unknown).some((base) => idOfBase[base] === undefined)).toBe(true);
    expect(tokenizer.decode(tokenizer.encode(unknown))).toBe(unknown);
  });

  it('gives back any text and any bytes', async () => {
    const { tokenizer } = await readForeignTokenizer(file);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        const bytes = Buffer.from(text, 'utf8');
        expect(Buffer.from(tokenizer.decodeBytes(tokenizer.encode(text)))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(Buffer.from(tokenizer.decodeBytes(tokenizer.encode(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('comes back from the file of a checkpoint, bytes that are no text included', async () => {
    const { tokenizer, vocabulary, rows } = await readForeignTokenizer(file);
    const written = path.join(folder, 'written.json');
    await writeModelVocabulary(written, vocabulary, 'gpt2');
    const back = await readStoredTokenizer(written);
    expect(back.vocabulary).toMatchObject(vocabulary);
    expect(back.rows).toEqual(rows);
    expect(back.tokenizer.cut).toBe('gpt2');
    expect(back.tokenizer.encode(STORIES[100])).toEqual(tokenizer.encode(STORIES[100]));
    expect(tokenizer.pieces).toContainEqual(Uint8Array.of(0xe2, 0x80)); // no UTF-8
    expect(Tokenizer.fromPieces(tokenizer.pieces).pieces).toEqual(tokenizer.pieces);
    // A model that is trained with it has the order of a chip from the start.
    for (const other of [tokenizer, Tokenizer.fromPieces(tokenizer.pieces)]) {
      await writeTokenizer(written, other);
      const again = await readStoredTokenizer(written);
      expect(again.tokenizer.pieces).toEqual(tokenizer.pieces);
      expect(again.tokenizer.cut).toBe(other.cut);
      expect([...(again.rows ?? [])]).toEqual(tokenizer.pieces.map((_, token) => token));
    }
  });

  it('is compared with the greedy cut of a chip', async () => {
    const pieces = [' a', ' k', 'ite', ' kit', 'e', ' wanted'].map((piece) => Buffer.from(piece));
    const vocabulary = { endOfStory: 0, standIn: 1, pieces: [null, null, ...pieces] };
    const { tokenizer } = await inChipOrder(vocabulary, 'gpt2');
    // GPT-2 cuts " kite" as " k" + "ite", the greedy cut as " kit" + "e".
    expect(Array.from(tokenizer.encode(' kite'), (token) => tokenizer.decode([token]))).toEqual([
      ' k',
      'ite',
    ]);
    expect(compareCuts(tokenizer, [' wanted a kite', ' wanted a'])).toEqual({
      stories: 2,
      sameStories: 1,
      tokens: 6,
      sharedTokens: 4,
      greedyTokens: 6,
      missingTokens: 0,
    });
    // " kitten" is one token of GPT-2, which is missing: " kit" and bytes stand in.
    expect(compareCuts(tokenizer, [' kitten'])).toMatchObject({
      tokens: 4,
      sharedTokens: 4,
      missingTokens: 1,
    });
    expect(() => compareCuts(new Tokenizer(['ab']), ['x'])).toThrow(/same way everywhere/);
  });

  it.each([
    ['no vocab_size', { id_to_base: { 4: 5 } }, /vocab_size/],
    ['an id of a special token', { vocab_size: 9, id_to_base: { 3: 5 } }, /id 3 is not among 4 to 8/],
    ['an id beyond the vocabulary', { vocab_size: 9, id_to_base: { 9: 5 } }, /id 9 is not among 4 to 8/],
    ['a token that GPT-2 has not', { vocab_size: 9, id_to_base: { 4: 50257 } }, /GPT-2 has no token 50257/],
    ['a token twice', { vocab_size: 9, id_to_base: { 4: 5, 5: 5 } }, /token 5 of GPT-2 or id 5 stands twice/],
    ['an id twice', { vocab_size: 9, id_to_base: { 4: 5, '04': 6 } }, /stands twice/],
    ['text for an id', { vocab_size: 9, id_to_base: { four: 5 } }, /id_to_base/],
    ['text for a token', { vocab_size: 9, id_to_base: { 4: 'x' } }, /id_to_base\.4/],
    ['no pieces', { vocab_size: 9, id_to_base: {} }, /has no pieces/],
    [
      'two halves that disagree',
      { vocab_size: 9, id_to_base: { 4: 5 }, base_to_id: { 5: 6 } },
      /disagree about id 6/,
    ],
    ['an enormous vocabulary', { vocab_size: 2 ** 40, id_to_base: { 4: 5 } }, /vocab_size/],
  ])('with %s is refused', async (_, json, sentence) => {
    await expect(parseFlashlmTokenizer(json, 'tokenizer.json')).rejects.toMatchObject({
      code: 'bad-tokenizer',
      what: expect.stringMatching(sentence),
    });
  });

  it.each([
    ['no JSON', 'once upon a time'],
    ['a tokenizer of Hugging Face', '{"version":"1.0","model":{"type":"BPE","vocab":{}}}'],
    ['a list', '["a","b"]'],
    [
      'pieces outside a byte',
      '{"format":"flashlm-tokenizer","version":2,"cut":"gpt2","endOfStory":0,"standIn":0,"pieces":[null,[256]]}',
    ],
    [
      'an end of story outside',
      '{"format":"flashlm-tokenizer","version":2,"cut":"gpt2","endOfStory":2,"standIn":0,"pieces":[null,"ab"]}',
    ],
    [
      'a piece twice',
      '{"format":"flashlm-tokenizer","version":2,"cut":"gpt2","endOfStory":0,"standIn":0,"pieces":[null,"ab","ab"]}',
    ],
    [
      'a byte twice',
      '{"format":"flashlm-tokenizer","version":2,"cut":"gpt2","endOfStory":0,"standIn":0,"pieces":[null,"a","a"]}',
    ],
  ])('that is %s is refused', async (_, content) => {
    const other = path.join(folder, 'other.json');
    await writeFile(other, content);
    await expect(readForeignTokenizer(other)).rejects.toMatchObject({ code: 'bad-tokenizer' });
  });
});
