import { FIRST_PIECE_TOKEN, SMALLEST_VOCABULARY } from '../tokenizer/tokenizer.js';

/**
 * Checks the order of pieces in docs/image-format.md: end-of-story, the 256 bytes, then the learned pieces,
 * sorted by their bytes, at least two bytes long and none twice.
 *
 * @returns what is wrong as a clause, or null
 */
export function findVocabularyProblem(pieces: Uint8Array[]): string | null {
  if (pieces.length < SMALLEST_VOCABULARY) {
    return `the vocabulary has ${pieces.length} pieces; end-of-story and the bytes alone are ${SMALLEST_VOCABULARY}`;
  }
  if (pieces[0].length !== 0) {
    return 'piece 0, end-of-story, is not empty';
  }
  for (let token = 1; token < FIRST_PIECE_TOKEN; token++) {
    if (pieces[token].length !== 1 || pieces[token][0] !== token - 1) {
      return `piece ${token} is not the byte ${token - 1}`;
    }
  }
  for (let token = FIRST_PIECE_TOKEN; token < pieces.length; token++) {
    if (pieces[token].length < 2) {
      return `piece ${token} is shorter than two bytes`;
    }
    if (token > FIRST_PIECE_TOKEN && Buffer.compare(pieces[token - 1], pieces[token]) >= 0) {
      return `the vocabulary is not sorted at piece ${token}`;
    }
  }
  return null;
}
