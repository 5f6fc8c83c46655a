import { FIXED_PIECES } from './format.js';

/**
 * Checks the order of pieces in docs/image-format.md: end-of-story, the 256 bytes, then the learned pieces,
 * sorted by their bytes, at least two bytes long and none twice.
 *
 * @returns what is wrong as a clause, or null
 */
export function findVocabularyProblem(pieces: Uint8Array[]): string | null {
  if (pieces.length < FIXED_PIECES) {
    return `the vocabulary has ${pieces.length} pieces; end-of-story and the bytes alone are ${FIXED_PIECES}`;
  }
  if (pieces[0].length !== 0) {
    return 'piece 0, end-of-story, is not empty';
  }
  for (let token = 1; token < FIXED_PIECES; token++) {
    if (pieces[token].length !== 1 || pieces[token][0] !== token - 1) {
      return `piece ${token} is not the byte ${token - 1}`;
    }
  }
  for (let token = FIXED_PIECES; token < pieces.length; token++) {
    if (pieces[token].length < 2) {
      return `piece ${token} is shorter than two bytes`;
    }
    if (token > FIXED_PIECES && Buffer.compare(pieces[token - 1], pieces[token]) >= 0) {
      return `the vocabulary is not sorted at piece ${token}`;
    }
  }
  return null;
}
