import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/checkpoint/checkpoint.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import type { FloatModel } from '../../src/float/model.js';
import { modelNames } from '../../src/model/find.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { formatCount } from '../../src/report/format.js';
import { type RunRecord, totalsOf } from '../../src/train/run-record.js';
import { readTrainingFile, writeTrainingFile } from '../../src/train/training-file.js';
import { trainedLikeParameters } from './trained-like.js';

const CONFIG = { vocabulary: 20, dimension: 8, blocks: 1, hidden: 8, kernel: 2, context: 8 };
const RUN: RunRecord = {
  name: 'first',
  beganWith: null,
  date: '2026-11-23',
  minutes: 230,
  steps: 42_575,
  tokensSeen: 188_028_416,
  finished: true,
  machine: '3 threads of AMD EPYC',
  settings: 'batch 9 x 512 tokens',
  data: [{ name: 'stories.txt', stories: 10, characters: 1000, sha256: 'ab'.repeat(32) }],
  dataNote: null,
};

const SHIPPED = await modelNames();

function modelOf(change: number): FloatModel {
  const flat = trainedLikeParameters(CONFIG);
  flat[5] += change;
  const { parameters } = parameterLayout(CONFIG);
  return {
    name: 'test',
    config: CONFIG,
    parameters: new Map(parameters.map((parameter) => [parameter.name, parameterView(flat, parameter)])),
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-training-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('training.json', () => {
  it('tells which runs made the weights beside it', async () => {
    const runs = [RUN, { ...RUN, name: 'second', beganWith: { name: 'first', sha256: 'cd'.repeat(32) } }];
    await writeTrainingFile(folder, modelOf(0), runs);
    expect(await readTrainingFile(folder, modelOf(0))).toEqual(runs);
    expect(totalsOf(runs)).toEqual({ runs: 2, minutes: 460, tokensSeen: 376_056_832 });
  });

  it('says nothing of other weights', async () => {
    await writeTrainingFile(folder, modelOf(0), [RUN]);
    expect(await readTrainingFile(folder, modelOf(1e-3))).toBeNull();
  });

  it('may be missing, as it is beside an import', async () => {
    expect(await readTrainingFile(path.join(folder, 'elsewhere'), modelOf(0))).toBeNull();
  });

  it('is refused when it is damaged', async () => {
    await writeFile(path.join(folder, 'training.json'), '{"version":1,"runs":[]}');
    await expect(readTrainingFile(folder, modelOf(0))).rejects.toMatchObject({ code: 'bad-checkpoint' });
  });

  it.each(SHIPPED)('of %s, which ships, speaks of its weights and agrees with its card', async (name) => {
    const directory = path.join(PACKAGE_ROOT, 'models', name);
    const runs = (await readTrainingFile(directory, await readModel(directory))) ?? [];
    const last = runs.at(-1);
    expect(last).toBeDefined();
    const card = await readFile(path.join(directory, 'README.md'), 'utf8');
    expect(card).toContain(`| steps | ${formatCount(last?.steps ?? 0)} |`);
    expect(card).toContain(`| tokens seen | ${formatCount(last?.tokensSeen ?? 0)}; `);
    expect(card).toContain(`, ${formatCount(Math.round((last?.minutes ?? 0) * 60))} seconds (`);
    for (const { stories, sha256 } of last?.data ?? []) {
      expect(card).toMatch(
        new RegExp(`\\| ${formatCount(stories)} \\| [\\d,]+ \\| ${sha256.slice(0, 16)} \\|`),
      );
    }
  });
});
