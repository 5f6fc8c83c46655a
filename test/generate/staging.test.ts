import { expect, it } from 'vitest';
import { chooseStaging } from '../../src/generate/staging.js';
import { listSections } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

const sections = listSections(writeImage(makeRandomModel(SMALL_CONFIG, 1)));
const first = sections.findIndex(({ block }) => block >= 0);
const end = sections.findIndex(({ name }) => name === 'final_norm');
const all = sections[end].offset - sections[first].offset;

it('is the longest row of whole sections of blocks that fits', () => {
  for (let ramBytes = 16; ramBytes <= all + 16; ramBytes += 7) {
    const { from, bytes, description } = chooseStaging(sections, ramBytes);
    const lengths = sections
      .slice(first, end)
      .flatMap(({ offset }, index) =>
        sections.slice(first + index + 1, end + 1).map((next) => next.offset - offset),
      );
    expect(bytes).toBe(Math.max(0, ...lengths.filter((length) => length <= ramBytes)));
    if (bytes === 0) continue;
    expect(sections.some(({ offset, block }) => block >= 0 && offset === from)).toBe(true);
    expect(sections.some(({ offset }) => offset === from + bytes)).toBe(true);
    expect(description).toContain(' to ');
  }
});

it('is all blocks where there is room for more', () => {
  expect(chooseStaging(sections, 1e9)).toMatchObject({ from: sections[first].offset, bytes: all });
});

it('is nothing without room', () => {
  expect(chooseStaging(sections, 0)).toEqual({ from: 0, bytes: 0, description: 'nothing' });
});

it('is the shortest row that is enough, where that fits', () => {
  for (let enough = 1; enough <= all; enough += 37) {
    const { bytes } = chooseStaging(sections, 1e9, enough);
    expect(bytes).toBeGreaterThanOrEqual(enough);
    expect(chooseStaging(sections, bytes - 1).bytes).toBeLessThan(enough);
    expect(chooseStaging(sections, bytes)).toEqual(chooseStaging(sections, 1e9, enough));
  }
  expect(chooseStaging(sections, 100, 1e9)).toEqual(chooseStaging(sections, 100));
});

it('is nothing where nothing is enough', () => {
  expect(chooseStaging(sections, 1e9, 0).bytes).toBe(0);
});
