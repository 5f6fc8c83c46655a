import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  END_OF_STORY,
  FIRST_BYTE_TOKEN,
  FIRST_PIECE_TOKEN,
  Tokenizer,
} from '../../src/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../src/tokenizer/train.js';
import { madeUpStories } from '../fixtures/stories.js';

const stories = madeUpStories(200);
const tokenizer = trainTokenizer(stories, 340);

/** Greedy longest match written the slow and obvious way. */
function encodeNaively(bytes: Uint8Array, pieces: Uint8Array[]): number[] {
  const tokens: number[] = [];
  let rest = Buffer.from(bytes);
  while (rest.length > 0) {
    let best = -1;
    pieces.forEach((piece, token) => {
      const matches = piece.length > 0 && rest.subarray(0, piece.length).equals(piece);
      if (matches && (best < 0 || piece.length > pieces[best].length)) best = token;
    });
    tokens.push(best);
    rest = rest.subarray(pieces[best].length);
  }
  return tokens;
}

describe('a tokenizer', () => {
  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(Buffer.from(text, 'utf8').toString('utf8'));
      }),
    );
  });

  it('gives back any bytes, also those that are no UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Buffer.from(tokenizer.decodeBytes(tokenizer.encode(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('always takes the longest piece', () => {
    const fragments = fc.constantFrom(...tokenizer.learnedPieces, 'x', 'é', ' ', 'On', 'ce');
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 30 }), (parts) => {
        const bytes = Buffer.from(parts.join(''), 'utf8');
        expect([...tokenizer.encode(bytes)]).toEqual(encodeNaively(bytes, tokenizer.pieces));
      }),
    );
  });

  it('never yields the end of a story from text, not even from its own name', () => {
    const tokens = tokenizer.encode('The end.<|endoftext|>');
    expect(tokens).not.toContain(END_OF_STORY);
  });

  it('has a token for each byte and sorted pieces after them', () => {
    expect(tokenizer.pieces[FIRST_BYTE_TOKEN + 65]).toEqual(Uint8Array.of(65));
    const learned = tokenizer.pieces.slice(FIRST_PIECE_TOKEN);
    for (let i = 1; i < learned.length; i++) expect(Buffer.compare(learned[i - 1], learned[i])).toBe(-1);
  });

  it('refuses a piece that stands twice', () => {
    expect(() => new Tokenizer(['the', 'the'])).toThrow(/"the" is empty or stands twice/);
  });
});

describe('training a tokenizer', () => {
  it('yields exactly the vocabulary that was asked for', () => {
    for (const size of [257, 258, 300, 340]) expect(trainTokenizer(stories, size).vocabularySize).toBe(size);
  });

  it('gives frequent words with the space before them a token of their own', () => {
    expect(tokenizer.learnedPieces).toContain(' wanted');
    expect(tokenizer.encode('Once upon a time, Lily wanted').length).toBeLessThan(12);
  });

  it('is repeatable', () => {
    expect(trainTokenizer(stories, 320).learnedPieces).toEqual(
      trainTokenizer([...stories], 320).learnedPieces,
    );
  });

  it('says how far the text reaches when it yields too few pieces', () => {
    expect(() => trainTokenizer(['abab abab'], 4096)).toThrow(/yield only \d+ vocabulary entries of 4096/);
    expect(() => trainTokenizer(stories, 100)).toThrow(/Choose 257 to 65535/);
  });
});
