import { FlashlmError } from '../errors.js';
import { FIRST_PIECE_TOKEN, SMALLEST_VOCABULARY, Tokenizer } from './tokenizer.js';

/**
 * Pieces never cross these boundaries: a word with the space before it, a digit, or punctuation with the
 * line ends after it.
 */
const WORD_PATTERN = / ?\p{L}+(?:'\p{L}+)?| ?\p{N}| ?[^\s\p{L}\p{N}]+\n*|\s+/gu;

/** Candidates are learned in excess by this factor, then those that greedy encoding uses least are dropped. */
const EXCESS = 1.25;
const PRUNING_ROUNDS = 5;

/**
 * Learns a vocabulary from stories: byte-pair merges over word frequencies (Sennrich et al., 2016) propose
 * pieces; the ones that greedy longest match really uses are kept.
 *
 * @param vocabularySize end-of-story, 256 bytes and learned pieces together
 * @throws FlashlmError bad-argument when the size is too small, bad-stories when the text yields too few pieces
 */
export function trainTokenizer(stories: Iterable<string>, vocabularySize: number): Tokenizer {
  if (vocabularySize < SMALLEST_VOCABULARY || vocabularySize > 65535) {
    throw new FlashlmError(
      'bad-argument',
      `A vocabulary of ${vocabularySize} entries is not possible.`,
      `Choose ${SMALLEST_VOCABULARY} to 65535.`,
    );
  }
  const wanted = vocabularySize - FIRST_PIECE_TOKEN;
  const wordCounts = countWords(stories);
  let pieces = proposePieces(wordCounts, Math.ceil(wanted * EXCESS));
  if (pieces.length < wanted) {
    throw new FlashlmError(
      'bad-stories',
      `The stories yield only ${pieces.length + FIRST_PIECE_TOKEN} vocabulary entries of ${vocabularySize}.`,
      'Give more text or ask for a smaller vocabulary.',
    );
  }
  for (let round = 1; round <= PRUNING_ROUNDS; round++) {
    const excess = pieces.length - wanted;
    const dropped = Math.ceil(excess / (PRUNING_ROUNDS + 1 - round));
    pieces = dropLeastUsed(pieces, dropped, wordCounts);
  }
  return new Tokenizer(pieces);
}

function countWords(stories: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const story of stories) {
    for (const [word] of story.matchAll(WORD_PATTERN)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

interface Word {
  symbols: string[];
  count: number;
}

/** Pair of neighbouring symbols as a map key; a zero byte cannot occur in story text. */
const PAIR_SEPARATOR = '\0';

/**
 * Byte-pair encoding over characters: merges the most frequent neighbouring pair until `limit` pieces of two bytes
 * or more exist. Ties go to the pair that sorts first, so that the same stories give the same vocabulary.
 */
function proposePieces(wordCounts: Map<string, number>, limit: number): string[] {
  const words: Word[] = Array.from(wordCounts, ([word, count]) => ({ symbols: Array.from(word), count }));
  const pieces = new Set<string>();
  for (const { symbols } of words) {
    for (const symbol of symbols) if (Buffer.byteLength(symbol) > 1) pieces.add(symbol);
  }
  const pairCounts = new Map<string, number>();
  const wordsWithPair = new Map<string, Set<Word>>();
  const addPairs = (word: Word, sign: 1 | -1) => {
    for (let i = 0; i + 1 < word.symbols.length; i++) {
      const pair = word.symbols[i] + PAIR_SEPARATOR + word.symbols[i + 1];
      pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + sign * word.count);
      const holders = wordsWithPair.get(pair) ?? new Set();
      wordsWithPair.set(pair, holders.add(word));
    }
  };
  for (const word of words) addPairs(word, 1);

  while (pieces.size < limit) {
    const best = mostFrequent(pairCounts);
    if (best === null) break;
    const [left, right] = best.split(PAIR_SEPARATOR);
    for (const word of wordsWithPair.get(best) ?? []) {
      addPairs(word, -1);
      word.symbols = mergePair(word.symbols, left, right);
      addPairs(word, 1);
    }
    pairCounts.delete(best);
    wordsWithPair.delete(best);
    pieces.add(left + right);
  }
  return [...pieces];
}

/** A pair seen once saves nothing, so merging stops there. */
function mostFrequent(pairCounts: Map<string, number>): string | null {
  let best: string | null = null;
  let bestCount = 1;
  for (const [pair, count] of pairCounts) {
    if (count > bestCount || (count === bestCount && best !== null && pair < best)) {
      best = pair;
      bestCount = count;
    }
  }
  return best;
}

function mergePair(symbols: string[], left: string, right: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      merged.push(left + right);
      i++;
    } else {
      merged.push(symbols[i]);
    }
  }
  return merged;
}

function dropLeastUsed(pieces: string[], count: number, wordCounts: Map<string, number>): string[] {
  const tokenizer = new Tokenizer(pieces);
  const used = new Float64Array(tokenizer.vocabularySize);
  for (const [word, frequency] of wordCounts) {
    for (const token of tokenizer.encode(word)) used[token] += frequency;
  }
  const ranked = tokenizer.learnedPieces.map((piece, index) => ({
    piece,
    used: used[FIRST_PIECE_TOKEN + index],
  }));
  // A piece that is used n times saves about (its length - 1) * n tokens of single bytes, but its parts are pieces
  // too; the plain count ranks well enough and keeps long words that occur.
  ranked.sort((a, b) => b.used - a.used || (a.piece < b.piece ? -1 : 1));
  return ranked.slice(0, ranked.length - count).map(({ piece }) => piece);
}
