import { FloatSession } from '../float/forward.js';
import { IntegerSession } from '../integer/forward.js';
import { END_OF_STORY } from '../tokenizer/tokenizer.js';

/** One natural logarithm unit of an integer logit: 16 fraction bits. */
const INTEGER_LOGIT_UNIT = 2 ** -16;

/** A session of either model. */
interface Session<Logits> {
  reset(): void;
  steps(tokens: ArrayLike<number>): Logits[];
}

/**
 * Bits that a model spends on a story: -sum(log2 p(token)) over every token, from an empty context that holds the
 * end-of-story token alone. That the story ends after its last token is not counted.
 */
export function integerStoryBits(session: IntegerSession, tokens: ArrayLike<number>): number {
  return storyBits(session, IntegerSession.TOKENS_AT_ONCE, tokens, integerSurprise);
}

/** `integerStoryBits` of the float model. */
export function floatStoryBits(session: FloatSession, tokens: ArrayLike<number>): number {
  return storyBits(session, FloatSession.TOKENS_AT_ONCE, tokens, floatSurprise);
}

/** All tokens are known beforehand, so a session may take several of them at once. */
function storyBits<Logits>(
  session: Session<Logits>,
  tokensAtOnce: number,
  tokens: ArrayLike<number>,
  surprise: (logits: Logits, token: number) => number,
): number {
  session.reset();
  const targets = Array.from(tokens);
  const inputs = [END_OF_STORY, ...targets.slice(0, -1)];
  let bits = 0;
  for (let start = 0; start < targets.length; start += tokensAtOnce) {
    const logits = session.steps(inputs.slice(start, start + tokensAtOnce));
    for (const [i, predicted] of logits.entries()) bits += surprise(predicted, targets[start + i]);
  }
  return bits;
}

/** -log2 of the softmax of integer logits at a token, computed in double precision. */
function integerSurprise(logits: Int32Array, token: number): number {
  let largest = logits[0];
  for (let i = 1; i < logits.length; i++) {
    largest = Math.max(largest, logits[i]);
  }
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    sum += Math.exp((logits[i] - largest) * INTEGER_LOGIT_UNIT);
  }
  return Math.log2(sum) - (logits[token] - largest) * INTEGER_LOGIT_UNIT * Math.LOG2E;
}

/** -log2 of the softmax of float logits at a token. */
function floatSurprise(logits: Float64Array, token: number): number {
  let largest = logits[0];
  for (let i = 1; i < logits.length; i++) {
    largest = Math.max(largest, logits[i]);
  }
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    sum += Math.exp(logits[i] - largest);
  }
  return Math.log2(sum) - (logits[token] - largest) * Math.LOG2E;
}
