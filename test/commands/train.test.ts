import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeUpStories } from '../fixtures/stories.js';

/** `train` and `bench train` as a user runs them. */

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-train-command-'));
  await writeFile(path.join(folder, 'stories.txt'), madeUpStories(200).join('\n<|endoftext|>\n'));
  const shape = { vocabulary: 300, dimension: 16, blocks: 2, hidden: 24, kernel: 4, context: 32 };
  await writeFile(path.join(folder, 'shape.json'), JSON.stringify(shape));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: string[]) => execa(process.execPath, [CLI, ...words], { cwd: folder, reject: false });
const SMALL = ['train', '--config', 'shape.json', '--data', 'stories.txt', '--threads', '1'];

describe('train', () => {
  it('leaves a card, a picture of the loss and samples beside the checkpoint', async () => {
    const note = 'Made up for a test.';
    const words = [...SMALL, '--steps', '40', '--save-every', '0.01', '--out', 'mine', '--data-note', note];
    const { exitCode, stdout } = await run(...words);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Its card is ${path.join('mine', 'README.md')}.`);
    expect((await readdir(path.join(folder, 'mine'))).sort()).toEqual([
      ...['README.md', 'config.json', 'loss.svg', 'model.flm', 'model.safetensors'],
      ...['resume.safetensors', 'samples.md', 'tokenizer.json', 'training.json'],
    ]);
    const card = await readFile(path.join(folder, 'mine', 'README.md'), 'utf8');
    for (const part of [
      'stories.txt',
      note,
      'loss.svg',
      '--save-every 0.01',
      '1 thread of',
      'bits per character',
    ]) {
      expect(card).toContain(part);
    }
    expect(card).not.toContain(folder);
    expect(await readFile(path.join(folder, 'mine', 'loss.svg'), 'utf8')).toMatch(/^<svg/);
    expect(await readFile(path.join(folder, 'mine', 'samples.md'), 'utf8')).toContain('> Once upon a time');
  });

  it('does nothing more to a run whose budget is used up', async () => {
    const words = [...SMALL, '--steps', '5', '--out', 'done', '--json'];
    const first = JSON.parse((await run(...words)).stdout);
    const weights = await readFile(path.join(folder, 'done', 'model.safetensors'));
    const second = JSON.parse((await run(...words)).stdout);
    expect(second).toMatchObject({ steps: 5, finished: true, bpc: first.bpc });
    expect(await readFile(path.join(folder, 'done', 'model.safetensors'))).toEqual(weights);
  });

  it('takes a folder of prepared stories, whose vocabulary it keeps', async () => {
    const texts = Array.from(
      { length: 600 },
      (_, index) => `Story ${index}. ${madeUpStories(1, index).join(' ')}`,
    );
    await writeFile(path.join(folder, 'many.txt'), texts.join('\n<|endoftext|>\n'));
    const prepared = await run(
      'data',
      'prepare',
      '--data',
      'many.txt',
      '--vocabulary',
      '290',
      '--out',
      'prepared',
    );
    expect(prepared).toMatchObject({ exitCode: 0, stderr: '' });
    const words = [...SMALL, '--steps', '3', '--out', 'from-prepared', '--json'].map((word) =>
      word === 'stories.txt' ? 'prepared' : word,
    );
    const trained = await run(...words);
    expect(trained.exitCode).toBe(0);
    expect(JSON.parse(trained.stdout).bpcStories).toBeGreaterThan(0);
    const config = JSON.parse(await readFile(path.join(folder, 'from-prepared', 'config.json'), 'utf8'));
    expect(config.vocabulary).toBe(290);
    expect(await readFile(path.join(folder, 'from-prepared', 'README.md'), 'utf8')).toContain('many.txt');
    const refused = await run(...words, '--vocabulary', '280');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/^error: prepared was prepared with a vocabulary of its own\./);
  });

  it('saves and stops at Ctrl-C, and goes on with the same command', async () => {
    const words = [...SMALL, '--steps', '100000', '--out', 'stopped', '--json'];
    const running = execa(process.execPath, [CLI, ...words, '--save-every', '0.1'], {
      cwd: folder,
      reject: false,
    });
    const saved = path.join(folder, 'stopped', 'resume.safetensors');
    while ((await readFile(saved).catch(() => null)) === null)
      await new Promise((done) => setTimeout(done, 20));
    running.kill('SIGINT');
    const stopped = await running;
    expect(stopped.exitCode).toBe(0);
    const { steps, finished } = JSON.parse(stopped.stdout);
    expect(finished).toBe(false);
    const words2 = words.map((word) => (word === '100000' ? String(steps + 3) : word));
    expect(JSON.parse((await run(...words2)).stdout)).toMatchObject({ steps: steps + 3, finished: true });
  });

  it('goes on with a model, with its shape and its vocabulary, on other stories', async () => {
    const other = madeUpStories(150, 5);
    await writeFile(path.join(folder, 'other.txt'), other.join('\n<|endoftext|>\n'));
    expect(await run(...SMALL, '--steps', '20', '--out', 'first')).toMatchObject({ exitCode: 0 });
    const from = ['train', '--from', 'first', '--data', 'other.txt', '--threads', '1', '--steps', '3'];
    expect(await run(...from)).toMatchObject({ exitCode: 0 });
    const out = path.join(folder, 'checkpoints', 'from-first');
    for (const name of ['config.json', 'tokenizer.json']) {
      expect(await readFile(path.join(out, name))).toEqual(await readFile(path.join(folder, 'first', name)));
    }
    const card = await readFile(path.join(out, 'README.md'), 'utf8');
    expect(card).toMatch(/began with \| the weights of first \(SHA-256 /);
    expect(card).toMatch(/\| in all \| .*, in 2 runs \|/);
    expect(card).toMatch(/\| first \| .* \| 20 \| .* stories\.txt \(200 stories, /);
    const { runs } = JSON.parse(await readFile(path.join(out, 'training.json'), 'utf8'));
    expect(runs).toMatchObject([
      { name: 'first', steps: 20, beganWith: null, finished: true },
      { name: 'from-first', steps: 3, beganWith: { name: 'first' }, data: [{ name: 'other.txt' }] },
    ]);
    const beside = await run(...from, '--vocabulary', '280');
    expect(beside).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Leave --vocabulary out') });
    await copyFile(path.join(out, 'model.flm'), path.join(folder, 'alone.flm'));
    const image = await run(...from.map((word) => (word === 'first' ? 'alone.flm' : word)));
    expect(image).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is an image, without the float'),
    });
    const unknown = await run(...from.map((word) => (word === 'first' ? 'mcv' : word)));
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean "mcu"?') });
    await run('data', 'prepare', '--data', 'other.txt', '--vocabulary', '290', '--out', 'prepared-else');
    const prepared = await run(...from.map((word) => (word === 'other.txt' ? 'prepared-else' : word)));
    expect(prepared).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('prepared with another vocabulary'),
    });
  });

  it.each([
    [
      'more threads than the computer has',
      ['--threads', '200'],
      /^error: This computer runs \d+ threads at once, not 200\./,
    ],
    ['two shapes', ['--preset', 'nano'], /^error: There are two shapes\./],
    ['two budgets', ['--minutes', '1'], /^error: There are two budgets\./],
    [
      'a library that is no BLAS',
      ['--blas', 'libm.so.6'],
      /^error: The library libm\.so\.6 cannot be loaded/,
    ],
    [
      'evaluation stories that are not there',
      ['--evaluate', 'none.txt'],
      /^error: There is no file none\.txt\./,
    ],
  ])('refuses %s in one sentence', async (_, words, message) => {
    const { exitCode, stderr } = await run(...SMALL, '--steps', '1', '--out', 'refused', ...words);
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(await readdir(folder)).not.toContain('refused');
  });

  it('says what is lost where there is no compiler, and trains all the same', async () => {
    const { exitCode, stderr, stdout } = await execa(
      process.execPath,
      [CLI, ...SMALL, '--steps', '2', '--out', 'no-compiler', '--json'],
      { cwd: folder, reject: false, extendEnv: false, env: { PATH: folder, XDG_CACHE_HOME: folder } },
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^Training with tfjs, some .* slower .*: there is no C compiler \(gcc or clang\)\.$/,
    );
    expect(JSON.parse(stdout).engine).toContain('tfjs');
    const forced = await execa(
      process.execPath,
      [CLI, ...SMALL, '--steps', '2', '--out', 'no-compiler-forced', '--engine', 'c'],
      { cwd: folder, reject: false, extendEnv: false, env: { PATH: folder, XDG_CACHE_HOME: folder } },
    );
    expect(forced.exitCode).toBe(3);
  });
});

describe('bench train', () => {
  it('prints a list of figures', async () => {
    const { exitCode, stdout } = await run(
      'bench',
      'train',
      '--preset',
      'nano',
      '--threads',
      '1',
      '--steps',
      '1',
      '--json',
    );
    expect(exitCode).toBe(0);
    const figures = JSON.parse(stdout);
    const names = figures.map(({ name }: { name: string }) => name);
    expect(names.slice(0, 4)).toEqual([
      'training speed',
      'matrix products',
      "share of the BLAS's peak",
      'largest memory',
    ]);
    for (const figure of figures) {
      expect(figure).toMatchObject({ target: expect.any(String), unit: expect.any(String) });
      expect(figure).toHaveProperty('value');
    }
    expect(figures[0].value).toBeGreaterThan(0);
  });
});
