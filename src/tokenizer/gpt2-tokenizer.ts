import type { Gpt2 } from './gpt2.js';
import { Tokenizer } from './tokenizer.js';

/**
 * A vocabulary of pieces of GPT-2, which cuts a text as GPT-2 does. A piece of GPT-2 that the vocabulary lacks is cut
 * again, into the longest pieces that it has, down to bytes; so any bytes encode, and decode to the same bytes. A chip
 * does without GPT-2's merges and cuts greedily from the start, as `Tokenizer.fromPieces(pieces)` does.
 */
export class Gpt2Tokenizer extends Tokenizer {
  override readonly cut = 'gpt2';
  /** This vocabulary's token for each token of GPT-2; -1 where it has none. */
  private readonly tokenOfGpt2: Int32Array;

  /** @param learnedPieces of two bytes or more, in any order; repeated ones are an error */
  constructor(
    learnedPieces: readonly (string | Uint8Array)[],
    private readonly gpt2: Gpt2,
  ) {
    super(learnedPieces);
    const tokens = new Map(this.pieces.map((piece, token) => [keyOf(piece), token]));
    this.tokenOfGpt2 = Int32Array.from(gpt2.pieces, (piece) => tokens.get(keyOf(piece)) ?? -1);
  }

  override encode(input: string | Uint8Array): Uint16Array {
    const bytes = Buffer.from(input);
    const text = bytes.toString('utf8');
    // GPT-2 encodes text; bytes that are none can only be cut greedily.
    if (Buffer.compare(Buffer.from(text, 'utf8'), bytes) !== 0) return super.encode(bytes);
    const tokens: number[] = [];
    for (const id of this.gpt2.encode(text)) {
      const token = this.tokenOfGpt2[id];
      if (token >= 0) tokens.push(token);
      else for (const part of super.encode(this.gpt2.pieces[id])) tokens.push(part);
    }
    return Uint16Array.from(tokens);
  }

  /** How many tokens of GPT-2 in a text are not in this vocabulary. */
  countMissing(text: string): number {
    return this.gpt2.encode(text).filter((id) => this.tokenOfGpt2[id] < 0).length;
  }
}

function keyOf(piece: Uint8Array): string {
  return Buffer.from(piece).toString('latin1');
}
