import { FlashlmError } from '../errors.js';
import { Gpt2Tokenizer } from './gpt2-tokenizer.js';
import { Tokenizer } from './tokenizer.js';

/** How the greedy cut of a chip differs from GPT-2's, over some stories. */
export interface CutComparison {
  stories: number;
  /** Stories that both cut in the same way throughout. */
  sameStories: number;
  /** Tokens of GPT-2's cut. */
  tokens: number;
  /** Those that the greedy cut has too: the same bytes at the same place. */
  sharedTokens: number;
  /** Tokens of the greedy cut. */
  greedyTokens: number;
  /** Tokens of GPT-2 that the vocabulary lacks, and that are cut into smaller pieces. */
  missingTokens: number;
}

/**
 * Compares the two cuts of an imported vocabulary.
 * @throws FlashlmError bad-tokenizer for a vocabulary that is cut greedily everywhere
 */
export function compareCuts(tokenizer: Tokenizer, stories: readonly string[]): CutComparison {
  if (!(tokenizer instanceof Gpt2Tokenizer)) {
    throw new FlashlmError(
      'bad-tokenizer',
      'This tokenizer cuts texts in the same way everywhere.',
      'Compare one that was imported with a FlashLM.',
    );
  }
  const chip = Tokenizer.fromPieces(tokenizer.pieces);
  const comparison = {
    stories: stories.length,
    sameStories: 0,
    tokens: 0,
    sharedTokens: 0,
    greedyTokens: 0,
    missingTokens: 0,
  };
  for (const story of stories) {
    const tokens = tokenizer.encode(story);
    const greedy = chip.encode(story);
    const shared = countShared(endsOf(tokens, chip.pieces), endsOf(greedy, chip.pieces));
    comparison.tokens += tokens.length;
    comparison.greedyTokens += greedy.length;
    comparison.sharedTokens += shared;
    comparison.missingTokens += tokenizer.countMissing(story);
    if (shared === tokens.length && shared === greedy.length) comparison.sameStories++;
  }
  return comparison;
}

/** Where each token ends, in bytes. */
function endsOf(tokens: Uint16Array, pieces: readonly Uint8Array[]): number[] {
  let end = 0;
  return Array.from(tokens, (token) => {
    end += pieces[token].length;
    return end;
  });
}

/** Tokens that begin and end at the same bytes; then they are the same pieces. */
function countShared(ends: number[], otherEnds: number[]): number {
  const otherStarts = new Map(otherEnds.map((end, i) => [end, i === 0 ? 0 : otherEnds[i - 1]]));
  return ends.filter((end, i) => otherStarts.get(end) === (i === 0 ? 0 : ends[i - 1])).length;
}
