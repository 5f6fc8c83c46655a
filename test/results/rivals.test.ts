import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadBoards } from '../../src/boards/load.js';
import type { Rivals } from '../../src/results/figures.js';
import { RIVALS_FILE, readRivals } from '../../src/results/rivals.js';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-rivals-'));
  file = path.join(folder, 'rivals.json');
});
afterAll(() => rm(folder, { recursive: true }));

it('the rivals that ship have a name each, and were counted on cores that boards have', async () => {
  const { models } = await readRivals();
  expect(models.length).toBeGreaterThan(0);
  expect(new Set(models.map(({ name }) => name)).size).toBe(models.length);
  const cores = (await loadBoards()).map(({ chip }) => chip.core);
  for (const { instructionsPerToken } of models) {
    expect(cores).toEqual(expect.arrayContaining(Object.keys(instructionsPerToken)));
  }
});

const changes: [string, (rivals: Rivals) => unknown, RegExp][] = [
  [
    'a figure without a source',
    ({ models }) => Object.assign(models[0].bpc, { source: '' }),
    /models\.0\.bpc\.source/,
  ],
  [
    'a size of nothing',
    ({ models }) => Object.assign(models[0].bytesInFlash, { value: 0 }),
    /models\.0\.bytesInFlash\.value/,
  ],
  ['an unknown field', ({ models }) => Object.assign(models[1], { speed: 1 }), /models\.1/],
  [
    'stories without a checksum',
    ({ evaluation }) => Object.assign(evaluation, { sha256: 'af' }),
    /evaluation\.sha256/,
  ],
];
it.each(changes)('refuses %s, naming the field', async (_, change, field) => {
  const rivals = JSON.parse(await readFile(RIVALS_FILE, 'utf8'));
  change(rivals);
  await writeFile(file, JSON.stringify(rivals));
  await expect(readRivals(file)).rejects.toMatchObject({
    code: 'bad-rivals-file',
    what: expect.stringMatching(field),
  });
});

it('refuses what is no JSON, and a file that is not there', async () => {
  await writeFile(file, '{');
  await expect(readRivals(file)).rejects.toMatchObject({ code: 'bad-rivals-file' });
  await expect(readRivals(path.join(folder, 'none.json'))).rejects.toMatchObject({ code: 'missing-file' });
});
