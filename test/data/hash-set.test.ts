import { expect, it } from 'vitest';
import { HashSet } from '../../src/data/hash-set.js';
import { HASH_RANGE, storyHash } from '../../src/data/story-hash.js';
import { Random } from '../../src/train/random.js';

it('a hash set knows what a Set knows', () => {
  const random = new Random(3);
  const set = new HashSet();
  const truth = new Set<number>();
  for (let i = 0; i < 50_000; i++) {
    const hash = Math.floor(random.uniform() * 30_000) * Math.floor(HASH_RANGE / 30_000);
    expect(set.has(hash)).toBe(truth.has(hash));
    expect(set.add(hash)).toBe(!truth.has(hash));
    truth.add(hash);
  }
});

it('a full hash set forgets, stays as large as it is and makes nothing up', () => {
  const set = new HashSet(2 ** 10);
  for (let i = 0; i < 20_000; i++) expect(set.add(i * 7919)).toBe(true);
  let known = 0;
  for (let i = 0; i < 20_000; i++) if (set.has(i * 7919)) known++;
  expect(known).toBeGreaterThan(500);
  expect(known).toBeLessThanOrEqual(2 ** 10);
});

it('a story is named by its words, not by its white space', () => {
  expect(storyHash('One\n\ntwo three')).toBe(storyHash('One two\tthree'));
  expect(storyHash('One two three')).not.toBe(storyHash('One twothree'));
});

it('names of stories that hardly differ are spread over their range', () => {
  const names = new Set<number>();
  const tenths = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const name = storyHash(`Story ${i}.`);
    names.add(name);
    tenths[Math.floor((10 * name) / HASH_RANGE)]++;
  }
  expect(names.size).toBe(100_000);
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
