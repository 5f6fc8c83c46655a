import { appendFileSync, createWriteStream } from 'node:fs';
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrepareRequest, prepareStories } from '../../src/data/prepare.js';
import { readStories } from '../../src/data/stories.js';
import { openTokenShards } from '../../src/data/token-shards.js';
import { writeTokenizer } from '../../src/tokenizer/file.js';
import { END_OF_STORY, Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../src/tokenizer/train.js';
import { madeUpStories } from '../fixtures/stories.js';

/** Two thousand stories that differ in more than a few words. */
const stories = madeUpStories(2000).map(
  (story, index) => `${story} This was story number ${index}, the end of it.`,
);
const tokenizer = trainTokenizer(stories, 300);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-prepare-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function storyFile(name: string, texts: string[]): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, texts.map((text) => `${text}\n<|endoftext|>\n`).join(''));
  return file;
}

function request(name: string, data: string[], changes: Partial<PrepareRequest> = {}): PrepareRequest {
  return { data, tokenizer, leaveOutNear: false, directory: path.join(folder, name), ...changes };
}

/** All stories of the shards, decoded. */
async function decoded(directory: string): Promise<string[]> {
  const shards = await openTokenShards(directory);
  const texts: string[] = [];
  for (const index of shards.manifest.shards.keys()) {
    let tokens: number[] = [];
    for (const token of await shards.readShard(index)) {
      if (token !== END_OF_STORY) tokens.push(token);
      else {
        if (tokens.length > 0) texts.push(shards.tokenizer.decode(tokens));
        tokens = [];
      }
    }
    texts.push(shards.tokenizer.decode(tokens));
  }
  return texts;
}

/** A story nobody else tells: words drawn from a long list by a simple generator. */
function uniqueStory(seed: number): string {
  let state = seed * 2654435761 + 1;
  const word = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return `w${state % 5000}`;
  };
  return Array.from({ length: 120 }, word).join(' ');
}

describe('prepared stories', () => {
  it('come back word for word, the held-out ones apart', async () => {
    const distinct = Array.from({ length: 1500 }, (_, index) => uniqueStory(index));
    const file = await storyFile('distinct.txt', distinct);
    const manifest = await prepareStories(request('round-trip', [file]));
    const directory = path.join(folder, 'round-trip');
    const heldOut = await (await openTokenShards(directory)).heldOutStories();
    expect(heldOut.length).toBe(manifest.heldOut.stories);
    expect(heldOut.length).toBeGreaterThan(3);
    expect(heldOut.length).toBeLessThan(40);
    const training = await decoded(directory);
    expect(training.length).toBe(manifest.stories);
    expect([...training, ...heldOut].sort()).toEqual([...distinct].sort());
    expect(manifest.duplicates).toEqual({
      exact: 0,
      near: 0,
      nearLeftOut: false,
      ofHeldOut: { exact: 0, near: 0 },
    });
    expect(manifest.tokens).toBe(training.reduce((sum, text) => sum + tokenizer.encode(text).length, 0));
  });

  it('are held out by what they say, whatever the order and number of files', async () => {
    const distinct = Array.from({ length: 1500 }, (_, index) => uniqueStory(index));
    const one = await storyFile('again.txt', [...distinct].reverse());
    const parts = [
      await storyFile('parts/a.txt', distinct.slice(700)),
      await storyFile('parts/b.txt', distinct.slice(0, 700)),
    ];
    await prepareStories(request('order-1', [one]));
    await prepareStories(request('order-2', parts));
    const heldOutOf = async (name: string) =>
      (await (await openTokenShards(path.join(folder, name))).heldOutStories()).sort();
    expect(await heldOutOf('order-1')).toEqual(await heldOutOf('order-2'));
  });

  it('leave out exact duplicates, and near ones if wanted', async () => {
    const distinct = Array.from({ length: 300 }, (_, index) => uniqueStory(index));
    const near = distinct.slice(0, 40).map((story) => `${story} And one more sentence.`);
    const file = await storyFile('twice.txt', [...distinct, ...distinct.slice(0, 50), ...near]);
    const held = await storyFile('held.txt', [uniqueStory(9999)]);
    const kept = await prepareStories(request('kept', [file], { heldOut: [held] }));
    expect(kept.duplicates).toMatchObject({ exact: 50, ofHeldOut: { exact: 0, near: 0 } });
    expect(kept.duplicates.near).toBeGreaterThan(36);
    expect(kept.stories).toBe(340);
    const removed = await prepareStories(request('removed', [file], { heldOut: [held], leaveOutNear: true }));
    expect(removed.duplicates.near).toBe(kept.duplicates.near);
    expect(removed.stories).toBe(340 - removed.duplicates.near);
  });

  it('hold nothing that is the same or nearly the same as an evaluation story', async () => {
    const distinct = Array.from({ length: 200 }, (_, index) => uniqueStory(index));
    const file = await storyFile('leak.txt', [...distinct, `${distinct[1]} The end.`]);
    const held = await storyFile('evaluation.txt', [distinct[0], distinct[1]]);
    const manifest = await prepareStories(request('leak', [file], { heldOut: [held] }));
    expect(manifest.duplicates.ofHeldOut).toEqual({ exact: 2, near: 1 });
    expect(manifest.sources).toMatchObject([{ name: 'leak.txt', stories: 201, trainedOn: 198 }]);
    const training = await decoded(path.join(folder, 'leak'));
    expect(training).toHaveLength(198);
    expect(training).not.toContain(distinct[0]);
    expect(await readStories([path.join(folder, 'leak', 'held-out.txt')])).toEqual([
      distinct[0],
      distinct[1],
    ]);
  });

  it('may come from folders, JSON lines and compressed files', async () => {
    const distinct = Array.from({ length: 60 }, (_, index) => uniqueStory(index));
    const base = path.join(folder, 'mixed');
    await mkdir(path.join(base, 'deep'), { recursive: true });
    await storyFile('mixed/a.txt', distinct.slice(0, 20));
    const lines = distinct.slice(20, 40).map((text) => JSON.stringify({ id: 1, text }));
    await writeFile(path.join(base, 'deep', 'b.jsonl'), `${lines.join('\n')}\n\n`);
    const more = distinct.slice(40).map((body) => JSON.stringify({ body }));
    await writeFile(path.join(base, 'deep', 'c.jsonl.gz'), gzipSync(more.join('\r\n')));
    const held = await storyFile('held-2.txt', [uniqueStory(9999)]);
    await prepareStories(request('from-mixed', [base], { fields: ['text', 'body'], heldOut: [held] }));
    expect(await decoded(path.join(folder, 'from-mixed'))).toEqual(distinct);
  });

  it('are cut where no end lines part them, and still fit in a shard', async () => {
    const paragraph = `${'Ein Wort über das Meer. '.repeat(400).trim()}\n\n`;
    const file = path.join(folder, 'book.txt');
    await writeFile(file, paragraph.repeat(700));
    const bytesOnly = new Tokenizer([]);
    const held = await storyFile('held-3.txt', [uniqueStory(9999)]);
    const manifest = await prepareStories(request('book', [file], { tokenizer: bytesOnly, heldOut: [held] }));
    const texts = await decoded(path.join(folder, 'book'));
    expect(manifest.sources[0].stories).toBe(4);
    expect(new Set(texts.flatMap((text) => text.split('\n\n')))).toEqual(new Set([paragraph.trim()]));
    for (const { file: shard, tokens } of manifest.shards) {
      expect((await stat(path.join(folder, 'book', shard))).size).toBe(2 * tokens);
      expect(tokens).toBeLessThanOrEqual(8 << 20);
    }
  });

  it('teach the vocabulary, the held-out ones do not', async () => {
    const secret = `${uniqueStory(9998)} ${'xylophonic '.repeat(400)}`;
    const file = await storyFile('secret.txt', [...stories, secret]);
    const held = await storyFile('secret-held.txt', [`${secret} Nearly.`]);
    await prepareStories(request('secret', [file], { tokenizer: 300, heldOut: [held] }));
    const { tokenizer: learned } = await openTokenShards(path.join(folder, 'secret'));
    expect(learned.learnedPieces.join(' ')).not.toContain('xyl');
  });

  it('do not need the memory that they take', async () => {
    const file = path.join(folder, 'large.txt');
    const stream = createWriteStream(file);
    const filler = uniqueStory(1).repeat(20);
    for (let index = 0; index < 6000; index++) {
      if (!stream.write(`${uniqueStory(index)} ${filler}\n<|endoftext|>\n`)) {
        await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
      }
    }
    stream.end();
    await finished(stream);
    const script = `
      import { prepareStories } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/data/prepare.js'))};
      import { Tokenizer } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/tokenizer/tokenizer.js'))};
      const [directory, file, learn] = process.argv.slice(1);
      const manifest = await prepareStories({
        data: [file], tokenizer: learn ? 258 : new Tokenizer(['w1', 'w2', 'w3']), leaveOutNear: false, directory,
      });
      console.log(manifest.sources[0].stories);`;
    const withHeap = (size: number) => [`--max-old-space-size=${size}`, '--input-type=module', '-e', script];
    const out = path.join(folder, 'from-large');
    const { stdout } = await execa(process.execPath, [...withHeap(32), out, file]);
    expect(stdout).toBe('6000');
    // The sample of a vocabulary alone takes 24 MB.
    const learning = await execa(process.execPath, [...withHeap(64), `${out}-2`, file, 'learn']);
    expect(learning.stdout).toBe('6000');
    // The same heap does not hold the text.
    const whole = [
      '--max-old-space-size=32',
      '-e',
      'global.x = require("fs").readFileSync(process.argv[1], "utf8").split(" ")',
    ];
    expect((await execa(process.execPath, [...whole, file], { reject: false })).exitCode).not.toBe(0);
    await rm(file);
  });
});

describe('a folder of prepared stories', () => {
  it('is prepared again in place, but never where something else lies', async () => {
    const file = await storyFile('short.txt', stories.slice(0, 300));
    await prepareStories(request('again', [file]));
    await prepareStories(request('again', [file]));
    await writeFile(path.join(folder, 'again', 'notes.md'), 'mine');
    await expect(prepareStories(request('again', [file]))).rejects.toMatchObject({ code: 'bad-argument' });
    expect(await readFile(path.join(folder, 'again', 'notes.md'), 'utf8')).toBe('mine');
    expect(await readdir(path.join(folder, 'again'))).toContain('manifest.json');
  });

  it('that is not finished after a kill is not taken for whole, and prepared anew', async () => {
    const many = Array.from({ length: 30_000 }, (_, index) => uniqueStory(index));
    const file = await storyFile('kill.txt', many);
    const directory = path.join(folder, 'killed');
    await prepareStories(request('killed', [await storyFile('short.txt', stories.slice(0, 300))]));
    const script = `
      import { prepareStories } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/data/prepare.js'))};
      import { Tokenizer } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/tokenizer/tokenizer.js'))};
      const [directory, file] = process.argv.slice(1);
      await prepareStories({
        data: [file], tokenizer: new Tokenizer([]), leaveOutNear: false, directory,
        onProgress: ({ phase, share }) => phase === 'encoding' && share > 0.9 && process.kill(process.pid, 'SIGKILL'),
      });`;
    const killed = await execa(process.execPath, ['--input-type=module', '-e', script, directory, file], {
      reject: false,
    });
    expect(killed.signal).toBe('SIGKILL');
    await expect(openTokenShards(directory)).rejects.toThrow('holds no prepared stories');
    const manifest = await prepareStories(request('killed', [file]));
    expect((await readdir(directory)).sort()).toEqual(
      [
        'held-out.txt',
        'manifest.json',
        'tokenizer.json',
        ...manifest.shards.map((shard) => shard.file),
      ].sort(),
    );
    expect(manifest.stories + manifest.heldOut.stories).toBe(30_000);
  });

  it('is never made of a folder that holds a tokenizer or a manifest of something else', async () => {
    const file = await storyFile('short.txt', stories.slice(0, 300));
    for (const name of ['tokenizer.json', 'manifest.json']) {
      const other = path.join(folder, `other-${name}`);
      await mkdir(other);
      await writeFile(path.join(other, name), '{}');
      const prepared = prepareStories(request(`other-${name}`, [file]));
      await expect(prepared).rejects.toMatchObject({ code: 'bad-argument' });
      expect(await readdir(other)).toEqual([name]);
    }
    await expect(prepareStories(request('short.txt', [file]))).rejects.toThrow(/short\.txt is not a folder/);
  });

  it('is not left behind where the disk is full', async (context) => {
    const small = path.join(folder, 'small-disk');
    await mkdir(small);
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], {
      reject: false,
    });
    if (mounted.failed) context.skip('a small disk can only be made by root');
    try {
      const file = await storyFile('short.txt', stories);
      const prepared = prepareStories(request('small-disk/out', [file], { tokenizer: new Tokenizer([]) }));
      await expect(prepared).rejects.toMatchObject({ code: 'write-failed' });
      await expect(prepared).rejects.toThrow(/shard-00000\.tokens could not be written: ENOSPC/);
      expect(await readdir(small)).toEqual([]);
    } finally {
      await execa('umount', [small]);
    }
  });

  it('is not made of a file that changes meanwhile, or of a pipe', async () => {
    const file = await storyFile('moving.txt', stories);
    const onProgress: PrepareRequest['onProgress'] = ({ phase }) => {
      if (phase === 'learning the vocabulary') appendFileSync(file, 'One more.');
    };
    const prepared = prepareStories(request('moving', [file], { tokenizer: 300, onProgress }));
    await expect(prepared).rejects.toThrow(/moving\.txt changed while it was read/);
    const fifo = path.join(folder, 'fifo');
    await execa('mkfifo', [fifo]);
    await expect(prepareStories(request('piped', [fifo]))).rejects.toThrow(/cannot|twice/);
    expect(await readdir(folder)).not.toContain('moving');
  });

  it.each([
    [
      'held-out stories that were changed',
      async (directory: string) => appendFile(path.join(directory, 'held-out.txt'), 'x'),
    ],
    [
      'another tokenizer',
      async (directory: string) =>
        writeTokenizer(path.join(directory, 'tokenizer.json'), new Tokenizer(['ab', 'cd'])),
    ],
    [
      'a shard that was cut off',
      async (directory: string) => truncate(path.join(directory, 'shard-00000.tokens'), 10),
    ],
    [
      'a shard that was changed',
      async (directory: string) => appendFile(path.join(directory, 'shard-00000.tokens'), 'x'),
    ],
    ['a shard that is gone', async (directory: string) => rm(path.join(directory, 'shard-00000.tokens'))],
    [
      'a manifest of another version',
      async (directory: string) => writeFile(path.join(directory, 'manifest.json'), '{"version":2}'),
    ],
    ['no manifest', async (directory: string) => rm(path.join(directory, 'manifest.json'))],
  ])('with %s is refused', async (name, spoil) => {
    const file = await storyFile('short.txt', stories.slice(0, 300));
    await prepareStories(request('good', [file]));
    const directory = path.join(folder, name.replaceAll(' ', '-'));
    await cp(path.join(folder, 'good'), directory, { recursive: true });
    await spoil(directory);
    const opened = openTokenShards(directory).then(async (shards) => {
      await shards.readShard(0);
      await shards.heldOutStories();
    });
    await expect(opened).rejects.toMatchObject({ code: 'bad-stories' });
  });
});

describe('bad stories', () => {
  it.each([
    [
      'a broken JSON line',
      'broken.jsonl',
      '{"text": "Good."}\n{"text": "Bad\n',
      /^Line 2 of .*broken\.jsonl is not JSON/,
    ],
    [
      'a line without the field',
      'field.jsonl',
      '{"body": "A story."}\n',
      /no text in a field "text" or "story"/,
    ],
    ['JSON that is no object', 'number.jsonl', '17\n', /no text in a field/],
    [
      'a file that is not compressed though its name says so',
      'plain.txt.gz',
      'Once upon a time.',
      /cannot be read/,
    ],
  ])('%s is named', async (_, name, content, message) => {
    const file = path.join(folder, name);
    await writeFile(file, content);
    const prepared = prepareStories(request('bad', [file]));
    await expect(prepared).rejects.toThrow(message);
    await expect(prepared).rejects.toMatchObject({ code: 'bad-stories' });
    expect(await readdir(folder)).not.toContain('bad');
  });

  it('bytes that are no UTF-8 are named with their place, also far into a file', async () => {
    const file = path.join(folder, 'latin.txt');
    const before = 'Ä story. '.repeat(300_000);
    await writeFile(file, Buffer.concat([Buffer.from(before), Buffer.of(0xe9, 0x20), Buffer.from('more')]));
    await expect(readStories([file])).rejects.toThrow(`byte ${Buffer.byteLength(before)} is no UTF-8`);
  });

  it('nothing left to train on is said', async () => {
    const file = await storyFile('only.txt', [stories[0]]);
    const prepared = prepareStories(request('nothing', [file], { heldOut: [file] }));
    await expect(prepared).rejects.toThrow('Nothing is left to train on');
  });
});
