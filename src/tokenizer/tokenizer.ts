import { FlashlmError } from '../errors.js';

/** Token that separates stories; text never encodes to it. */
export const END_OF_STORY = 0;
/** Token of byte b is FIRST_BYTE_TOKEN + b. */
export const FIRST_BYTE_TOKEN = 1;
/** Tokens from here on are learned pieces, sorted by their UTF-8 bytes. */
export const FIRST_PIECE_TOKEN = 257;
/** The smallest vocabulary: end-of-story and the bytes. */
export const SMALLEST_VOCABULARY = FIRST_PIECE_TOKEN;

/** Greedy longest match, or the merges of GPT-2. */
export type TokenizerCut = 'greedy' | 'gpt2';

/**
 * Text to tokens and back. Encoding is greedy longest match over bytes and learned pieces, which a chip does with
 * nothing but the sorted pieces (docs/image-format.md); any bytes encode, and decode to the same bytes.
 */
export class Tokenizer {
  /** How a text is cut into pieces. */
  readonly cut: TokenizerCut = 'greedy';
  /** Bytes of each token; END_OF_STORY has none. */
  readonly pieces: Uint8Array[];
  /** A trie: node * 256 + byte -> next node. Node 0 is the root. */
  private readonly edges = new Map<number, number>();
  /** Token that ends at a trie node, -1 where none does. */
  private readonly tokenAtNode: number[] = [-1];

  /** @param learnedPieces texts or bytes, of at least two bytes, in any order; repeated ones are an error */
  constructor(learnedPieces: readonly (string | Uint8Array)[]) {
    const learned = learnedPieces.map((piece) => Buffer.from(piece)).sort(Buffer.compare);
    const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    this.pieces = [new Uint8Array(0), ...bytes, ...learned.map((piece) => new Uint8Array(piece))];
    for (let token = FIRST_BYTE_TOKEN; token < this.pieces.length; token++) this.insert(token);
  }

  /** The tokenizer of a vocabulary as an image holds it, all tokens included. */
  static fromPieces(pieces: readonly Uint8Array[]): Tokenizer {
    return new Tokenizer(pieces.slice(FIRST_PIECE_TOKEN));
  }

  get vocabularySize(): number {
    return this.pieces.length;
  }

  /** Learned pieces in order of token, as text; pieces of GPT-2 may end within a character and then show U+FFFD. */
  get learnedPieces(): string[] {
    return this.pieces.slice(FIRST_PIECE_TOKEN).map((piece) => Buffer.from(piece).toString('utf8'));
  }

  /** Whether each token stands for the same bytes in both. */
  hasSameTokens({ pieces }: Tokenizer): boolean {
    return (
      pieces.length === this.pieces.length &&
      pieces.every((piece, token) => Buffer.compare(piece, this.pieces[token]) === 0)
    );
  }

  /** Encodes text (as UTF-8) or raw bytes; never fails, never yields END_OF_STORY. */
  encode(input: string | Uint8Array): Uint16Array {
    const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : input;
    const tokens = new Uint16Array(bytes.length);
    let count = 0;
    for (let position = 0; position < bytes.length; ) {
      let node = 0;
      let token = -1;
      let length = 0;
      for (let ahead = position; ahead < bytes.length; ahead++) {
        const next = this.edges.get(node * 256 + bytes[ahead]);
        if (next === undefined) break;
        node = next;
        if (this.tokenAtNode[node] >= 0) {
          token = this.tokenAtNode[node];
          length = ahead + 1 - position;
        }
      }
      tokens[count++] = token;
      position += length;
    }
    return tokens.slice(0, count);
  }

  /** The bytes that tokens stand for. @throws RangeError on a token outside the vocabulary */
  decodeBytes(tokens: ArrayLike<number>): Uint8Array {
    return Buffer.concat(
      Array.from(tokens, (token) => {
        const piece = this.pieces[token];
        if (piece === undefined) throw new RangeError(`token ${token} is outside the vocabulary`);
        return piece;
      }),
    );
  }

  /** Text of tokens; bytes that are no UTF-8 become U+FFFD. */
  decode(tokens: ArrayLike<number>): string {
    return Buffer.from(this.decodeBytes(tokens)).toString('utf8');
  }

  private insert(token: number): void {
    let node = 0;
    for (const byte of this.pieces[token]) {
      const edge = node * 256 + byte;
      let next = this.edges.get(edge);
      if (next === undefined) {
        next = this.tokenAtNode.length;
        this.tokenAtNode.push(-1);
        this.edges.set(edge, next);
      }
      node = next;
    }
    if (node === 0 || this.tokenAtNode[node] >= 0) {
      const text = JSON.stringify(Buffer.from(this.pieces[token]).toString('utf8'));
      throw new FlashlmError(
        'bad-tokenizer',
        `The piece ${text} is empty or stands twice in the vocabulary.`,
        'Train the tokenizer again.',
      );
    }
    this.tokenAtNode[node] = token;
  }
}
