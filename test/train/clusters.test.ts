import { describe, expect, it } from 'vitest';
import { findClusters } from '../../src/train/clusters.js';
import { Random } from '../../src/train/random.js';

/** A language of three kinds of words that follow each other in turn; a token's kind is token % 3. */
const KINDS = 3;
const VOCABULARY = 24;

function text(length: number): Uint16Array {
  const random = new Random(4);
  return Uint16Array.from({ length }, (_, i) => {
    const word = Math.floor(random.uniform() ** 2 * (VOCABULARY / KINDS));
    return word * KINDS + (i % KINDS);
  });
}

function sizesOf(clusterOf: Uint16Array, clusters: number): number[] {
  return Array.from({ length: clusters }, (_, c) => clusterOf.filter((cluster) => cluster === c).length);
}

describe('clusters of a vocabulary', () => {
  it('bring together the words that stand in the same places', () => {
    const clusterOf = findClusters(text(6000), VOCABULARY, KINDS);
    for (let kind = 0; kind < KINDS; kind++) {
      const found = new Set(Array.from(clusterOf).filter((_, token) => token % KINDS === kind));
      expect(found.size).toBe(1);
    }
    expect(sizesOf(clusterOf, KINDS)).toEqual([8, 8, 8]);
  });

  it.each([
    [24, 7],
    [24, 24],
    [23, 2],
    [9, 4],
  ])('hold %i tokens in %i clusters of nearly equal size', (vocabulary, clusters) => {
    const tokens = text(600).map((token) => token % vocabulary);
    const sizes = sizesOf(findClusters(tokens, vocabulary, clusters), clusters);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(vocabulary);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('take in tokens that the text does not have', () => {
    const clusterOf = findClusters(Uint16Array.of(0, 1, 0, 1), 10, 2);
    expect(sizesOf(clusterOf, 2)).toEqual([5, 5]);
  });

  it('are the same for the same text', () => {
    expect(findClusters(text(900), VOCABULARY, 5)).toEqual(findClusters(text(900), VOCABULARY, 5));
  });
});
