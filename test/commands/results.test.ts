import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addResultsCommand } from '../../src/commands/results.js';
import { imageFingerprint } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { hexadecimal } from '../../src/parity/parity.js';
import { quantise } from '../../src/quantise/quantise.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { runCommand } from './run-command.js';

const config = { vocabulary: 259, dimension: 20, blocks: 1, hidden: 20, kernel: 4, context: 16 };
const imageOf = (seed: number) =>
  writeImage(quantise(makeRandomFloatModel(config, seed), new Tokenizer(['the ', 'cat']).pieces));

let folder: string;
let data: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-results-'));
  vi.stubEnv('XDG_CACHE_HOME', path.join(folder, 'cache'));
  data = path.join(folder, 'two.txt');
  await writeFile(data, ['The cat ran.', 'A dog ran to the cat.'].join('\n<|endoftext|>\n'));
  model = path.join(folder, 'tiny');
  await mkdir(model);
  await writeFile(path.join(model, 'model.flm'), imageOf(1));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const results = (...words: string[]) =>
  runCommand(
    addResultsCommand,
    'results',
    '--data',
    data,
    '--models',
    model,
    '--boards',
    'esp32c3',
    ...words,
  );

describe('results', () => {
  it('measures, draws, writes the page, and remembers until the model changes', async () => {
    const out = path.join(folder, 'docs', 'worth.md');
    const { stdout, stderr, exitCode } = await results('--out', out, '--json');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const first = JSON.parse(stdout);
    expect(first).toMatchObject({
      command: 'flashlm-mcu results --data two.txt --models tiny --boards esp32c3 --out worth.md',
      evaluation: { name: 'two.txt', stories: 2 },
      models: [
        {
          name: 'tiny',
          fingerprint: hexadecimal(imageFingerprint(imageOf(1))),
          bytesInFlash: imageOf(1).length,
          runs: [{ board: 'esp32c3', missing: null, instructionsPerToken: expect.any(Number) }],
        },
      ],
    });
    const names = ['worth-flash.svg', 'worth-instructions.svg', 'worth.json', 'worth.md'];
    expect((await readdir(path.dirname(out))).sort()).toEqual(names);
    expect(first.files).toEqual(names.map((name) => path.join(path.dirname(out), name)));
    expect(await readFile(out, 'utf8')).toContain('| **tiny** |');
    // The rivals were evaluated on other stories.
    expect(await readFile(out, 'utf8')).toContain('Rivals are left out');

    const cache = path.join(folder, 'cache', 'flashlm-mcu', 'results');
    const kept = (await readdir(cache)).find((name) => name.startsWith('bpc-')) ?? '';
    await writeFile(path.join(cache, kept), JSON.stringify({ bpc: 0.125, charactersPerToken: 2 }));
    const again = JSON.parse((await results('--out', out, '--json')).stdout);
    expect(again).toEqual({ ...first, models: [{ ...first.models[0], bpc: 0.125, charactersPerToken: 2 }] });

    await writeFile(path.join(model, 'model.flm'), imageOf(2));
    const [changed] = JSON.parse((await results('--out', out, '--json')).stdout).models;
    expect(changed.fingerprint).toBe(hexadecimal(imageFingerprint(imageOf(2))));
    expect(changed.bpc).not.toBe(0.125);
  });

  it('prints a table for people', async () => {
    const { stdout } = await results('--first', '1', '--out', path.join(folder, 'first.md'));
    expect(stdout).toMatch(/^model +bytes in flash +bits per character +instructions a token/);
    expect(stdout).toMatch(/^tiny +[\d,]+ +\d\.\d{3} +[\d.]+ million +measured$/m);
    expect(stdout).toContain('1 story of two.txt');
    expect(stdout).toContain('first-flash.svg');
  });
});

describe('results refuses', () => {
  const refusal = (code: string, what: RegExp) =>
    expect.objectContaining({ code, what: expect.stringMatching(what) });
  const out = () => ['--out', path.join(folder, 'none.md')];

  it('to replace what is no page of results, before it measures', async () => {
    await expect(results('--out', data)).rejects.toEqual(
      refusal('bad-argument', /two\.txt is there already/),
    );
  });

  it('a board without an emulator, and one that is not there', async () => {
    const words = ['results', '--data', data, '--models', model, ...out(), '--boards'];
    await expect(runCommand(addResultsCommand, ...words, 'host')).rejects.toEqual(
      refusal('bad-argument', /host runs without an emulator/),
    );
    await expect(runCommand(addResultsCommand, ...words, 'esp32c4')).rejects.toEqual(
      refusal('unknown-board', /esp32c4/),
    );
  });

  it('models that it cannot find or tell apart', async () => {
    const words = ['results', '--data', data, '--boards', 'esp32c3', ...out(), '--models'];
    await expect(runCommand(addResultsCommand, ...words, 'moo')).rejects.toEqual(
      refusal('unknown-model', /moo/),
    );
    const image = path.join(model, 'model.flm');
    await expect(runCommand(addResultsCommand, ...words, model, image)).rejects.toEqual(
      refusal('bad-argument', /called "tiny"/),
    );
  });

  it('stories that are not there, and a folder of them', async () => {
    const words = ['results', '--models', model, '--boards', 'esp32c3', ...out(), '--data'];
    await expect(runCommand(addResultsCommand, ...words, path.join(folder, 'none.txt'))).rejects.toEqual(
      refusal('missing-file', /none\.txt/),
    );
    await expect(runCommand(addResultsCommand, ...words, folder)).rejects.toEqual(
      refusal('bad-argument', /is a folder/),
    );
  });

  it('a number of stories below 1', async () => {
    await expect(results('--first', '0', ...out())).rejects.toThrow('Give a whole number from 1');
  });
});
