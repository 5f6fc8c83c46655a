import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { imageFingerprint } from '../../src/image/read.js';
import { findModel, modelNames, readModelImage } from '../../src/model/find.js';
import { hexadecimal } from '../../src/parity/parity.js';
import { resultsSchema } from '../../src/results/figures.js';
import { readRivals } from '../../src/results/rivals.js';
import { renderResults } from '../../src/results/write-results.js';

/** docs/results.md is written by a command; whoever changes a model or a rival runs it again. */

const docs = path.join(PACKAGE_ROOT, 'docs');
const read = (name: string) => readFile(path.join(docs, name), 'utf8');
const results = resultsSchema.parse(JSON.parse(await read('results.json')));

it('docs/results.md and its pictures say what its figures say', async () => {
  for (const { name, content } of renderResults(results, 'results.md')) {
    expect(await read(name), name).toBe(content);
  }
});

it('docs/results.md is of the models that ship: if this fails, run `flashlm-mcu results`', async () => {
  const shipped = await Promise.all(
    (await modelNames()).sort().map(async (name) => {
      const image = await readModelImage(await findModel(name));
      return { name, fingerprint: hexadecimal(imageFingerprint(image)), bytesInFlash: image.length };
    }),
  );
  expect(
    results.models.map(({ name, fingerprint, bytesInFlash }) => ({ name, fingerprint, bytesInFlash })),
  ).toEqual(shipped);
});

it('docs/results.md quotes models/rivals.json: if this fails, run `flashlm-mcu results`', async () => {
  expect(results.rivals).toEqual(await readRivals());
});
