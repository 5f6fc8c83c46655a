import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { type ModelConfig, parameterCount } from '../../src/model/config.js';
import { imageBytesOf } from '../../src/report/image-size.js';

/** docs/lab-book.md has a row for every training; what can be computed of a row is held to the code. */

const LETTERS = { d: 'dimension', L: 'blocks', h: 'hidden', k: 'kernel', V: 'vocabulary', C: 'clusters' };

/** @param text "d240 L4 h600 k4 V4096 M6x8 C64"; the context, which it does not tell, is any */
function shapeOf(text: string): ModelConfig {
  const config: Record<string, unknown> = { context: 512 };
  for (const word of text.split(' ')) {
    const memory = /^M(\d+)x(\d+)$/.exec(word);
    if (memory !== null) config.memory = { heads: Number(memory[1]), slots: Number(memory[2]) };
    else config[LETTERS[word[0] as keyof typeof LETTERS]] = Number(word.slice(1));
  }
  return config as ModelConfig;
}

const numberOf = (text: string) => Number(text.replaceAll(',', ''));

const book = await readFile(path.join(PACKAGE_ROOT, 'docs', 'lab-book.md'), 'utf8');
const rows = book
  .split('\n')
  .filter((line) => /^\| 20\d\d-\d\d-\d\d \|/.test(line))
  .map((line) => line.slice(2, -2).split(' | '));
const exact = rows.filter(([, , , parameters]) => !parameters.startsWith('~'));

it('every run in the lab book has all its columns', () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) expect(row, row[1]).toHaveLength(11);
});

it.each(exact.map(([, , shape, parameters, image]) => ({ shape, parameters, image })))(
  'the lab book counts $shape as the code does',
  ({ shape, parameters, image }) => {
    expect(numberOf(parameters)).toBe(parameterCount(shapeOf(shape)));
    expect(Math.abs(numberOf(image.replace('~', '')) / imageBytesOf(shapeOf(shape)) - 1)).toBeLessThan(0.01);
  },
);

it('every link of the lab book to a heading of its own leads somewhere', () => {
  const anchors = [...book.matchAll(/^## (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...book.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(20);
  for (const link of links) expect(anchors).toContain(link);
});
