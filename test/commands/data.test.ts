import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addDataCommand } from '../../src/commands/data.js';
import { EDITIONS } from '../../src/data/tinystories.js';
import { manifestSchema } from '../../src/data/token-shards.js';
import { madeUpStories } from '../fixtures/stories.js';
import { runCommand } from './run-command.js';

/** `data` as a user runs it. */

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-data-command-'));
  const stories = madeUpStories(400).map((story, index) => `${story} Number ${index} it was.`);
  await writeFile(path.join(folder, 'stories.txt'), stories.join('\n<|endoftext|>\n'));
  const lines = stories.slice(0, 100).map((body) => JSON.stringify({ body }));
  await writeFile(path.join(folder, 'stories.jsonl'), lines.join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (words: string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [CLI, 'data', ...words], { cwd: folder, reject: false, env });

describe('data prepare', () => {
  it('says what it made', async () => {
    const words = ['prepare', '--data', 'stories.txt', '--vocabulary', '300', '--out', 'prepared'];
    const { exitCode, stdout, stderr } = await run(words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const manifest = manifestSchema.parse(
      JSON.parse(await readFile(path.join(folder, 'prepared/manifest.json'), 'utf8')),
    );
    expect(stdout).toContain(`prepared: ${manifest.stories} stories, ${manifest.characters} characters`);
    expect(stdout).toContain('held out, never to be trained on: 4 stories');
    expect(stdout).toContain(`near duplicates within the rest: ${manifest.duplicates.near}, kept`);
  });

  it('prints its manifest for tools, and the same data give the same bytes', async () => {
    const words = ['prepare', '--data', 'stories.txt', '--vocabulary', '300', '--json', '--out'];
    const { directory, ...first } = JSON.parse((await run([...words, 'one'])).stdout);
    expect(directory).toBe('one');
    expect(manifestSchema.parse(first)).toEqual(first);
    await run([...words, 'two']);
    for (const name of await readdir(path.join(folder, 'one'))) {
      const [a, b] = await Promise.all(['one', 'two'].map((out) => readFile(path.join(folder, out, name))));
      expect(a.equals(b)).toBe(true);
    }
  });

  it('takes another field, removes near duplicates and leaves out what is held out', async () => {
    const words = [
      'prepare',
      '--data',
      'stories.jsonl',
      'stories.txt',
      '--field',
      'body',
      '--vocabulary',
      '300',
    ];
    const more = ['--near-duplicates', 'remove', '--held-out', 'stories.jsonl', '--json', '--out', 'fields'];
    const refused = await run([...words, ...more]);
    expect(refused.stderr + refused.stdout).toContain('no text in a field');
    await writeFile(path.join(folder, 'held.txt'), madeUpStories(1)[0]);
    const held = more.map((word) => (word === 'stories.jsonl' ? 'held.txt' : word));
    const { stdout } = await run([...words, ...held]);
    const { duplicates, sources, stories } = JSON.parse(stdout);
    expect(duplicates).toMatchObject({ nearLeftOut: true, exact: 100 });
    expect(duplicates.near).toBeGreaterThan(0);
    expect(sources.map((source: { stories: number }) => source.stories)).toEqual([100, 400]);
    expect(stories).toBe(
      500 - 100 - duplicates.near - duplicates.ofHeldOut.exact - duplicates.ofHeldOut.near,
    );
  });

  it.each([
    ['a file that is not there', ['--data', 'none.txt', '--out', 'x'], 2, 'There is no file none.txt.'],
    [
      'two vocabularies',
      ['--data', 'stories.txt', '--vocabulary', '300', '--tokenizer', 't.json', '--out', 'x'],
      2,
      'two vocabularies',
    ],
    [
      'a folder of other things',
      ['--data', 'stories.txt', '--out', '.'],
      2,
      'is not for this command to replace',
    ],
    [
      'a vocabulary that the text does not yield',
      ['--data', 'stories.txt', '--vocabulary', '60000', '--out', 'x'],
      1,
      'yield only',
    ],
    ['no file', ['--data', '/dev/null', '--out', 'x'], 2, 'not a file that can be read twice'],
    [
      'a tokenizer that is not there',
      ['--data', 'stories.txt', '--tokenizer', 'none.json', '--out', 'x'],
      2,
      'There is no tokenizer',
    ],
  ])('refuses %s in one sentence', async (_, words, exitCode, sentence) => {
    const result = await run(['prepare', ...words]);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(
      sentence.replace('cannot be read twice', 'not a file that can be read twice'),
    );
    expect(result.stderr).not.toMatch(/^ +at /m);
    expect(await readdir(folder)).not.toContain('x');
  });
});

describe('data tinystories', () => {
  const texts: Record<string, string> = { 'train.txt': 'Once.\n<|endoftext|>\n', 'valid.txt': 'Twice.' };
  let server: Server;
  let mirror: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const text = texts[path.basename(request.url ?? '')];
      if (text === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-length': text.length }).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('leaves the files of an edition, checked', async () => {
    const small = Object.entries(texts).map(([name, text]) => ({
      name,
      bytes: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
    }));
    vi.spyOn(EDITIONS, 'v2', 'get').mockReturnValue(small);
    const out = path.join(folder, 'real');
    const words = ['data', 'tinystories', '--mirror', mirror, '--out', out];
    const { stdout } = await runCommand(addDataCommand, ...words);
    expect(stdout).toContain(`${path.join(out, 'valid.txt')}: 6 B`);
    expect((await readdir(out)).sort()).toEqual(['train.txt', 'valid.txt']);
    const again = await runCommand(addDataCommand, ...words, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      edition: 'v2',
      files: [{ verified: true }, { verified: true }],
    });
    vi.restoreAllMocks();
  });

  it('without the internet says so in one sentence, at once', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const started = performance.now();
    const nobody = `http://127.0.0.1:${port}`;
    const { exitCode, stderr } = await run(['tinystories', '--out', 'x', '--mirror', nobody]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `error: ${nobody}/TinyStoriesV2-GPT4-train.txt cannot be loaded: connect ECONNREFUSED 127.0.0.1:${port}.\n` +
        'Check the connection to the internet, or name another server with --mirror.',
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('takes a mirror from the environment and the older edition; a mirror without the files is named', async () => {
    const words = ['tinystories', '--edition', 'v1', '--out', 'x', '--json'];
    const { exitCode, stdout } = await run(words, { FLASHLM_TINYSTORIES_MIRROR: mirror });
    expect(exitCode).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('download-failed');
    expect(error.what).toContain(`${mirror}/TinyStories-train.txt cannot be loaded: the server answers 404`);
  });

  it('refuses what is no web address or no edition', async () => {
    expect(await run(['tinystories', '--mirror', 'ftp://x/'])).toMatchObject({ exitCode: 2 });
    expect(await run(['tinystories', '--edition', 'v3'])).toMatchObject({ exitCode: 2 });
  });
});
