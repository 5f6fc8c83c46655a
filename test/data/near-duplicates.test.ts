import { expect, it } from 'vitest';
import { NearDuplicates } from '../../src/data/near-duplicates.js';
import { wordHashes } from '../../src/data/word-hashes.js';
import { Random } from '../../src/train/random.js';

const random = new Random(5);
const word = () => `w${Math.floor(random.uniform() * 3000)}`;
const words = (count: number) => Array.from({ length: count }, word);
const OPENING =
  'Once upon a time, in a big forest, there was a little girl named Lily who loved to play outside. ';

/** Runs of five words in common, of all of both: counted, not estimated. */
function shareInCommon(first: string, second: string): number {
  const runsOf = (text: string) => {
    const all = text.split(' ');
    return new Set(all.slice(4).map((_, start) => all.slice(start, start + 5).join(' ')));
  };
  const [a, b] = [runsOf(first), runsOf(second)];
  const common = [...a].filter((run) => b.has(run)).length;
  return common / (a.size + b.size - common);
}

it('stories that have nine tenths of their runs in common are found, those that have half or less mostly not', () => {
  const found = { many: 0, few: 0 };
  const asked = { many: 0, few: 0 };
  const near = new NearDuplicates(4000);
  for (let i = 0; i < 2000; i++) {
    const story = words(160);
    const changed = [...story];
    const changes = i % 2 === 0 ? 1 : 20;
    for (let j = 0; j < changes; j++) changed[Math.floor(random.uniform() * changed.length)] = 'changed';
    const share = shareInCommon(story.join(' '), changed.join(' '));
    const kind = share >= 0.9 ? 'many' : share <= 0.5 ? 'few' : null;
    near.add(story.join(' '));
    if (kind === null) continue;
    asked[kind]++;
    if (near.add(changed.join(' ')) === 'story') found[kind]++;
  }
  expect(asked.many).toBeGreaterThan(900);
  expect(asked.few).toBeGreaterThan(900);
  expect(found.many / asked.many).toBeGreaterThan(0.98);
  expect(found.few / asked.few).toBeLessThan(0.1);
});

it('stories that only begin alike are none', () => {
  const near = new NearDuplicates(5000);
  for (let i = 0; i < 5000; i++) expect(near.add(OPENING + words(100).join(' '))).toBe('none');
});

it('a held-out story is remembered whatever comes after', () => {
  const near = new NearDuplicates(300);
  const heldOut = Array.from({ length: 20 }, () => words(120).join(' '));
  for (const story of heldOut) near.addHeldOut(story);
  for (let i = 0; i < 5000; i++) expect(near.add(words(120).join(' '))).toBe('none');
  for (const story of heldOut) {
    expect(near.resemblesHeldOut(`${story} The end.`)).toBe(true);
    expect(near.add(`${story} The end.`)).toBe('held-out');
  }
});

it('case and signs make no difference, short texts do', () => {
  const near = new NearDuplicates(20);
  expect(near.add('The cat sat.')).toBe('none');
  expect(near.add('the CAT — “sat”!')).toBe('story');
  expect(near.add('The dog sat.')).toBe('none');
  expect(near.add('???')).toBe('none');
  expect(near.add('!!!')).toBe('none');
  expect(near.add('猫が座った。')).toBe('none');
  expect(near.add('犬が座った。')).toBe('none');
});

it('words are runs of letters and digits', () => {
  expect([...wordHashes("It's 3 o'clock")]).toEqual([...wordHashes('it s, 3, O CLOCK.')]);
  expect(wordHashes('Ä ä é').length).toBe(3);
  expect(wordHashes('').length).toBe(1);
});
