import { FlashlmError } from '../errors.js';
import { FIRST_BYTE_TOKEN, FIRST_PIECE_TOKEN } from './tokenizer.js';

/**
 * The vocabulary of a model that was trained elsewhere, in the order of that model's own ids. A chip has another order:
 * end-of-story, every byte, then the longer pieces sorted (docs/image-format.md).
 */
export interface ModelVocabulary {
  /** Id that separates stories. */
  endOfStory: number;
  /** Id whose embedding stands in for a byte that the model has no piece for. */
  standIn: number;
  /** Bytes of each id; null for those that stand for no text. */
  pieces: (Uint8Array | null)[];
}

/** A model's vocabulary in the order of a chip. */
export interface ChipOrder {
  /** Pieces of two bytes and more, sorted. */
  learnedPieces: Uint8Array[];
  /** The model's id behind each token of the chip: the row of its embedding. */
  rows: Uint16Array;
  /** Bytes that the stand-in stands for. */
  missingBytes: number[];
}

const LARGEST_VOCABULARY = 65535;
const BYTES = FIRST_PIECE_TOKEN - FIRST_BYTE_TOKEN;

/** @throws FlashlmError bad-tokenizer for pieces that repeat, or too many of them */
export function chipOrder({ endOfStory, standIn, pieces }: ModelVocabulary): ChipOrder {
  const idOfByte = new Map<number, number>();
  const learned: { piece: Uint8Array; id: number }[] = [];
  for (const [id, piece] of pieces.entries()) {
    if (piece === null || id === endOfStory) continue;
    if (piece.length > 1) learned.push({ piece, id });
    else if (idOfByte.has(piece[0])) throw damaged(`the byte ${piece[0]} stands twice in it`);
    else idOfByte.set(piece[0], id);
  }
  learned.sort((a, b) => Buffer.compare(a.piece, b.piece));
  const repeated = learned.find(({ piece }, i) => i > 0 && Buffer.compare(learned[i - 1].piece, piece) === 0);
  if (repeated !== undefined) throw damaged(`the piece of id ${repeated.id} stands twice in it`);
  const bytes = Array.from({ length: BYTES }, (_, byte) => byte);
  const ids = [
    endOfStory,
    ...bytes.map((byte) => idOfByte.get(byte) ?? standIn),
    ...learned.map(({ id }) => id),
  ];
  if (ids.length > LARGEST_VOCABULARY) throw damaged(`with all bytes it has ${ids.length} entries`);
  return {
    learnedPieces: learned.map(({ piece }) => piece),
    rows: Uint16Array.from(ids),
    missingBytes: bytes.filter((byte) => !idOfByte.has(byte)),
  };
}

function damaged(what: string): FlashlmError {
  return new FlashlmError(
    'bad-tokenizer',
    `The vocabulary cannot be used: ${what}.`,
    'Use the tokenizer that the model was trained with.',
  );
}
