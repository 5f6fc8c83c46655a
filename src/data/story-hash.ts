import { createHash } from 'node:crypto';

/**
 * 48 bits of a story's SHA-1: a number that millions of stories share with a probability of about 1 in 50, which costs
 * one story. White space counts as one space.
 */
export function storyHash(story: string): number {
  return createHash('sha1').update(story.replaceAll(/\s+/g, ' ')).digest().readUIntBE(0, 6);
}

export const HASH_RANGE = 2 ** 48;
