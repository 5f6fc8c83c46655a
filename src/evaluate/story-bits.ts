import type { FloatSession } from '../float/forward.js';
import type { IntegerSession } from '../integer/forward.js';
import { END_OF_STORY } from '../tokenizer/tokenizer.js';

/** One natural logarithm unit of an integer logit: 16 fraction bits. */
const INTEGER_LOGIT_UNIT = 2 ** -16;

/**
 * Bits that a model spends on a story: -sum(log2 p(token)) over every token, from an empty context that holds the
 * end-of-story token alone. That the story ends after its last token is not counted.
 */
export function integerStoryBits(session: IntegerSession, tokens: ArrayLike<number>): number {
  session.reset();
  let bits = 0;
  let previous = END_OF_STORY;
  for (let i = 0; i < tokens.length; i++) {
    bits += integerSurprise(session.step(previous), tokens[i]);
    previous = tokens[i];
  }
  return bits;
}

/** `integerStoryBits` of the float model. */
export function floatStoryBits(session: FloatSession, tokens: ArrayLike<number>): number {
  session.reset();
  let bits = 0;
  let previous = END_OF_STORY;
  for (let i = 0; i < tokens.length; i++) {
    bits += floatSurprise(session.step(previous), tokens[i]);
    previous = tokens[i];
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
