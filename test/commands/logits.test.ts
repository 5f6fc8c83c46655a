import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModel } from '../../src/model/find.js';
import { loadGpt2 } from '../../src/tokenizer/gpt2.js';
import { FIXTURE_FOLDER, HAS_FIXTURE, readFixture } from '../float/fixture.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { torchFile } from '../import/torch-model.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const CONFIG = { vocabulary: 30, dimension: 12, blocks: 2, hidden: 22, kernel: 3, context: 128 };

interface Logits {
  float: number[][] | null;
  integer: number[][];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-logits-'));
  await writeFile(path.join(folder, 'small.pt'), torchFile(makeRandomFloatModel(CONFIG, 1)));
  await run('import', 'small.pt', '--out', 'small');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the built command line as a user does. */
function run(...words: string[]) {
  return execa(process.execPath, [CLI, ...words], { cwd: folder, reject: false });
}

async function logitsOf(model: string, tokens: number[]): Promise<Logits> {
  const { stdout, exitCode } = await run('logits', '--model', model, '--tokens', tokens.join(','), '--json');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout);
}

function largestDifference(a: number[][], b: number[][]): number {
  expect(a.map((row) => row.length)).toEqual(b.map((row) => row.length));
  return a
    .flatMap((row, i) => row.map((x, j) => Math.abs(x - b[i][j])))
    .reduce((most, x) => Math.max(most, x), 0);
}

describe('logits', () => {
  it.skipIf(!HAS_FIXTURE)(
    "of PyTorch's checkpoint, imported, are PyTorch's within 1e-4 (skipped where ../shared/reference/fixture-tiny is not there)",
    async () => {
      const { expected } = readFixture();
      const imported = await run(
        'import',
        path.join(FIXTURE_FOLDER, 'model.pt'),
        '--out',
        'fixture',
        '--json',
      );
      expect(JSON.parse(imported.stdout)).toMatchObject({
        checkpoint: 'fixture',
        parameters: 22432,
        config: { vocabulary: 200, dimension: 32, blocks: 2, hidden: 48, kernel: 8, context: 256 },
        tokenizer: null,
        image: null,
      });
      const { float, integer } = await logitsOf('fixture', expected.tokens);
      expect(largestDifference(float ?? [], expected.logits)).toBeLessThan(1e-4);
      // Logits reach 12.2; eight bits of the embedding and thirteen of the activations are what is lost.
      expect(largestDifference(integer, expected.logits)).toBeLessThan(0.25);
      expect(largestDifference(integer, expected.logits)).toBeGreaterThan(0);
    },
  );

  it("of a shipped model's image are the integers of its checkpoint, without float", async () => {
    const tokens = [0, 300, 17, 4095];
    const { directory, image } = await findModel('mcu');
    const copy = path.join(folder, 'copy.flm');
    await copyFile(image, copy);
    const ofImage = await logitsOf(copy, tokens);
    const ofFolder = await logitsOf(directory, tokens);
    expect(ofImage.float).toBeNull();
    expect(ofImage.integer).toEqual(ofFolder.integer);
    expect(ofImage.integer[0]).toHaveLength(4096);
    // Four tokens that no story has in this order: farther from what was trained, so more is lost than of a story.
    expect(largestDifference(ofFolder.integer, ofFolder.float ?? [])).toBeLessThan(1);
    expect((await logitsOf('mcu', tokens)).integer).toEqual(ofImage.integer);
  });

  it('for people name the likeliest token', async () => {
    const { stdout } = await run('logits', '--model', 'small', '--tokens', '1,2');
    const { integer } = await logitsOf('small', [1, 2]);
    const likeliest = integer[1].indexOf(Math.max(...integer[1]));
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout.split('\n')[1]).toContain(`after token 2: the likeliest is ${likeliest}, logit`);
  });

  it.each([
    ['beyond the vocabulary', '1,30', "Token 30 is not in the model's vocabulary.\nUse tokens 0 to 29."],
    ['below zero', '-1', 'Give token ids with commas between them'],
    ['none', '', 'Give token ids with commas between them'],
    ['empty', '1,,2', 'Give token ids with commas between them'],
    ['text', '1,two', 'Give token ids with commas between them'],
    ['fractions', '1.5', 'Give token ids with commas between them'],
    ['with spaces', '1, 2', 'Give token ids with commas between them'],
  ])('of tokens %s are refused', async (_, tokens, sentence) => {
    const result = await run('logits', '--model', 'small', `--tokens=${tokens}`, '--json');
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(sentence);
    expect(JSON.parse(result.stdout).error.code).toBe('bad-argument');
  });

  it('of what is no model are refused', async () => {
    expect(await run('logits', '--model', 'nothing', '--tokens', '1')).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
    const weights = path.join(folder, 'small', 'model.safetensors');
    const asImage = await run('logits', '--model', weights, '--tokens', '1');
    expect(asImage).toMatchObject({ exitCode: 1, stdout: '' });
    expect(asImage.stderr).toContain('not a flashlm image');
  });

  it('of a folder whose weights are damaged are refused', async () => {
    const bytes = await readFile(path.join(folder, 'small', 'model.safetensors'));
    const damaged = path.join(folder, 'damaged');
    await run('import', 'small.pt', '--out', damaged);
    await writeFile(path.join(damaged, 'model.safetensors'), bytes.subarray(0, 2000));
    const result = await run('logits', '--model', damaged, '--tokens', '1');
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(/^error: .*model\.safetensors .*\.\n.+$/);
  });
});

describe('import', () => {
  it('says what it made, and what is missing for a board', async () => {
    const { stdout, exitCode } = await run('import', 'small.pt', '--out', 'said');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('said: 2940 parameters: 30 tokens, dimension 12, 2 blocks, hidden 22, kernel 3');
    expect(stdout).toContain('No model.flm');
    const build = await run('build', '--board', 'host', '--model', 'said');
    expect(build.exitCode).toBe(2);
    expect(build.stderr).toBe(
      'error: said holds weights but no model.flm, which is what boards run.\n' +
        'Import it again with --tokenizer, or let its training finish: run the same train command again.',
    );
  });

  it('goes to a folder named after the file when none is given', async () => {
    expect(JSON.parse((await run('import', 'small.pt', '--json')).stdout).checkpoint).toBe(
      'checkpoints/small',
    );
  });

  it('makes a model that the firmware runs bit for bit as the reference does', async () => {
    const vocabulary = 300;
    await writeFile(
      path.join(folder, 'boards.pt'),
      torchFile(makeRandomFloatModel({ ...CONFIG, vocabulary }, 3)),
    );
    const ids = Array.from({ length: vocabulary - 4 }, (_, i) => [i + 4, 2 * i + 1]);
    const tokenizer = { vocab_size: vocabulary, id_to_base: Object.fromEntries(ids) };
    await writeFile(path.join(folder, 'boards.json'), JSON.stringify(tokenizer));
    const imported = await run('import', 'boards.pt', '--tokenizer', 'boards.json', '--out', 'boards');
    expect(imported.stdout).toMatch(
      /model\.flm: .* tokens on the chip; 128 bytes that the model has no token for/,
    );
    const build = await run('build', '--board', 'host', '--model', 'boards', '--json');
    expect(JSON.parse(build.stdout).parity).toMatchObject({ status: 'match' });
    const told = await run(
      'emulate',
      '--board',
      'host',
      '--model',
      'boards',
      '--prompt',
      'Once “',
      '--tokens',
      '5',
      '--json',
    );
    expect(JSON.parse(told.stdout).text).toMatch(/^Once “/);
    await writeFile(path.join(folder, 'stories.txt'), 'Once upon a time.\n<|endoftext|>\nThe “end” ♥\n');
    const evaluation = await run('eval', '--model', 'boards', '--data', 'stories.txt', '--json');
    const { bpc, bpcFloat, unknownTokens } = JSON.parse(evaluation.stdout);
    expect(unknownTokens).toBe(0);
    expect(Math.abs(bpc - bpcFloat)).toBeLessThan(0.1);
  });

  it('leaves eval to cut texts as GPT-2 does, and an image alone as a chip does', async () => {
    const { pieces } = await loadGpt2();
    const wanted = ['a', ' k', 'ite', ' kit', 'e'];
    const ids = wanted.map((text, i) => [
      i + 4,
      pieces.findIndex((piece) => Buffer.from(text).equals(piece)),
    ]);
    const tokenizer = { vocab_size: 30, id_to_base: Object.fromEntries(ids) };
    await writeFile(path.join(folder, 'kite.json'), JSON.stringify(tokenizer));
    await run('import', 'small.pt', '--tokenizer', 'kite.json', '--out', 'kite');
    await mkdir(path.join(folder, 'alone'));
    await copyFile(path.join(folder, 'kite', 'model.flm'), path.join(folder, 'alone', 'model.flm'));
    // GPT-2: "a", " k", "ite"; greedily: "a", " kit", "e": as many tokens, and other bits.
    await writeFile(path.join(folder, 'kite.txt'), 'a kite');
    const evaluate = async (model: string) =>
      JSON.parse((await run('eval', '--model', model, '--data', 'kite.txt', '--json')).stdout);
    const [ofFolder, ofImage] = [await evaluate('kite'), await evaluate('alone')];
    expect([ofFolder.tokens, ofImage.tokens]).toEqual([3, 3]);
    expect(ofImage.bpcFloat).toBeNull();
    expect(Math.abs(ofFolder.bpc - ofFolder.bpcFloat)).toBeLessThan(0.1);
    expect(ofImage.bpc).not.toBe(ofFolder.bpc);
  });

  it.each([
    [
      'a malicious pickle',
      '\x80\x02cposix\nsystem\nX\x02\0\0\0ls\x85R.',
      /"posix\.system".*nothing of it was run/,
    ],
    ['a text', 'Once upon a time.', /neither a zip, as torch\.save writes it, nor a safetensors file/],
    ['an empty file', '', /is empty/],
  ])('refuses %s in one sentence', async (_, content, sentence) => {
    await writeFile(path.join(folder, 'bad.pt'), content, 'latin1');
    const result = await run('import', 'bad.pt', '--json');
    expect(result.exitCode).toBe(1);
    expect(result.stderr.split('\n')).toHaveLength(2);
    expect(result.stderr).toMatch(sentence);
    expect(JSON.parse(result.stdout).error).toMatchObject({ code: 'bad-checkpoint' });
  });
});
