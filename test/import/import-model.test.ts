import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, readModel, tensorsOf, writeCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { encodeSafetensors } from '../../src/checkpoint/safetensors.js';
import { FloatSession } from '../../src/float/forward.js';
import { readImage } from '../../src/image/read.js';
import { importModel } from '../../src/import/import-model.js';
import { IntegerSession } from '../../src/integer/forward.js';
import { findModel } from '../../src/model/find.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { quantise } from '../../src/quantise/quantise.js';
import { withoutPieces } from '../../src/quantise/reorder.js';
import { readStoredTokenizer, writeTokenizer } from '../../src/tokenizer/file.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { torchFile } from './torch-model.js';

const CONFIG = { vocabulary: 40, dimension: 12, blocks: 2, hidden: 22, kernel: 3, context: 128 };
const MODEL = makeRandomFloatModel(CONFIG, 1);
/** Tokens of GPT-2: punctuation, " the", " a", "Once", half of a quotation mark, and so on. */
const GPT2_TOKENS = [13, 11, 262, 257, 7454, 447, 250, 198, 640, 2402, 290, 284, 373, 340, 339, 673];
const TOKENIZER = {
  vocab_size: 40,
  id_to_base: Object.fromEntries(GPT2_TOKENS.map((token, i) => [i + 4, token])),
};

let folder: string;
let file: string;
let tokenizer: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-import-'));
  file = path.join(folder, 'model.pt');
  tokenizer = path.join(folder, 'tokenizer.json');
  await writeFile(file, torchFile(MODEL));
  await writeFile(tokenizer, JSON.stringify(TOKENIZER));
});
afterAll(() => rm(folder, { recursive: true }));

function flat(): Float32Array {
  const { parameters, total } = parameterLayout(CONFIG);
  const values = new Float32Array(total);
  for (const { name, offset } of parameters) values.set(MODEL.parameters.get(name) ?? [], offset);
  return values;
}

describe('an imported folder', () => {
  it('keeps every bit of the weights, and says what their shape is', async () => {
    const directory = path.join(folder, 'bits');
    const result = await importModel({ file, tokenizer, directory });
    expect(result).toMatchObject({ missingBytes: 252, imageBytes: expect.any(Number) });
    expect(await readModel(directory)).toEqual({ ...MODEL, name: 'bits' });
    expect((await readdir(directory)).sort()).toEqual([
      'config.json',
      'model.flm',
      'model.safetensors',
      'tokenizer.json',
    ]);
  });

  it('is a checkpoint whose tokens are in the order of a chip', async () => {
    const directory = path.join(folder, 'order');
    await importModel({ file, tokenizer, directory });
    const { model, tokenizer: chip } = await readCheckpoint(directory);
    const { rows } = await readStoredTokenizer(path.join(directory, 'tokenizer.json'));
    expect(model.config.vocabulary).toBe(chip.vocabularySize);
    const image = readImage(new Uint8Array(await readFile(path.join(directory, 'model.flm'))));
    expect(image.pieces).toEqual(chip.pieces);
    const [own, ordered] = [new FloatSession(MODEL), new FloatSession(model)];
    for (const text of ['Once the', ' a “', '\n']) {
      for (const token of chip.encode(text)) {
        const expected = own.step(rows?.[token] ?? -1);
        const logits = ordered.step(token);
        expect([...logits]).toEqual(Array.from(rows ?? [], (row) => expected[row]));
      }
    }
  });

  it('has an image that computes the very integers of the model in its own order', async () => {
    const directory = path.join(folder, 'integers');
    await importModel({ file, tokenizer, directory });
    const image = readImage(new Uint8Array(await readFile(path.join(directory, 'model.flm'))));
    const { rows } = await readStoredTokenizer(path.join(directory, 'tokenizer.json'));
    const chip = new IntegerSession(image);
    const own = new IntegerSession(quantise(MODEL, withoutPieces(CONFIG.vocabulary)));
    for (const token of [0, 1, 14, 257, image.config.vocabulary - 1, 0]) {
      const expected = own.step(rows?.[token] ?? -1);
      expect([...chip.step(token)]).toEqual(Array.from(rows ?? [], (row) => expected[row]));
    }
  });

  it('may come without a tokenizer, and then no board can run it', async () => {
    const directory = path.join(folder, 'weights');
    expect(await importModel({ file, tokenizer: null, directory })).toMatchObject({ imageBytes: null });
    expect(await readdir(directory)).toEqual(['config.json', 'model.safetensors']);
    await expect(findModel(directory)).rejects.toThrow(/holds weights but no model\.flm.*--tokenizer/);
  });

  it('may be replaced by another import, of which nothing is mixed up with the first', async () => {
    const directory = path.join(folder, 'again');
    await importModel({ file, tokenizer, directory });
    await importModel({ file, tokenizer: null, directory });
    expect(await readdir(directory)).toEqual(['config.json', 'model.safetensors']);
  });

  it('never replaces a checkpoint that was trained', async () => {
    const directory = path.join(folder, 'trained');
    const pieces = new Tokenizer(['ab']);
    const config = { ...CONFIG, vocabulary: pieces.vocabularySize };
    await writeCheckpoint(
      directory,
      config,
      new Float32Array(parameterLayout(config).total).fill(0.5),
      pieces,
    );
    const before = await readFile(path.join(directory, 'model.safetensors'));
    await expect(importModel({ file, tokenizer, directory })).rejects.toMatchObject({
      code: 'bad-argument',
      what: expect.stringContaining('not imported'),
    });
    expect(await readFile(path.join(directory, 'model.safetensors'))).toEqual(before);
  });

  it('is not begun when anything of it cannot be read', async () => {
    const directory = path.join(folder, 'nothing');
    const small = path.join(folder, 'small.json');
    await writeFile(small, JSON.stringify({ ...TOKENIZER, vocab_size: 39 }));
    await expect(importModel({ file, tokenizer: small, directory })).rejects.toThrow(
      /small\.json has 39 entries, and the model in .*model\.pt has 40/,
    );
    const missing = path.join(folder, 'none');
    await expect(importModel({ file: missing, tokenizer, directory })).rejects.toMatchObject({
      code: 'missing-file',
    });
    await expect(importModel({ file: folder, tokenizer, directory })).rejects.toMatchObject({
      code: 'missing-file',
    });
    await expect(importModel({ file, tokenizer: missing, directory })).rejects.toMatchObject({
      code: 'missing-file',
    });
    const long = path.join(folder, 'n'.repeat(60));
    await expect(importModel({ file, tokenizer, directory: long })).rejects.toMatchObject({
      code: 'bad-argument',
    });
    expect(await readdir(folder)).not.toEqual(expect.arrayContaining(['nothing']));
    expect(await readdir(folder)).not.toEqual(expect.arrayContaining([path.basename(long)]));
  });

  it('cannot be made where a file is', async () => {
    await expect(importModel({ file, tokenizer, directory: tokenizer })).rejects.toMatchObject({
      code: 'write-failed',
    });
  });
});

describe('other sources', () => {
  it('safetensors, with 32 and with 16 bits', async () => {
    const directory = path.join(folder, 'from-safetensors');
    for (const precision of ['F32', 'F16'] as const) {
      const source = path.join(folder, `${precision}.safetensors`);
      await writeFile(
        source,
        encodeSafetensors({ tensors: tensorsOf(CONFIG, flat()), metadata: {} }, precision),
      );
      const { model } = await importModel({ file: source, tokenizer, directory });
      expect(model.config).toEqual({ ...CONFIG, context: 256 });
      if (precision === 'F32') expect(model.parameters).toEqual(MODEL.parameters);
      expect((await readModel(directory)).parameters).toEqual(model.parameters);
    }
  });

  it('a model that was trained in PyTorch with a tokenizer of flashlm-mcu', async () => {
    const own = new Tokenizer(['ab', ' the']);
    const config = { ...CONFIG, vocabulary: own.vocabularySize };
    const source = path.join(folder, 'own.pt');
    const ownFile = path.join(folder, 'own.json');
    await writeFile(source, torchFile(makeRandomFloatModel(config, 2)));
    await writeTokenizer(ownFile, own);
    const directory = path.join(folder, 'own');
    await importModel({ file: source, tokenizer: ownFile, directory });
    expect(await readFile(path.join(directory, 'tokenizer.json'))).toEqual(await readFile(ownFile));
    const { model, tokenizer: read } = await readCheckpoint(directory);
    expect(read.pieces).toEqual(own.pieces);
    expect(model.parameters).toEqual(makeRandomFloatModel(config, 2).parameters);
  });

  it('an imported checkpoint itself, with its tokenizer', async () => {
    const first = path.join(folder, 'first');
    const second = path.join(folder, 'second');
    await importModel({ file, tokenizer, directory: first });
    await mkdir(second);
    await copyFile(path.join(first, 'tokenizer.json'), path.join(folder, 'copied.json'));
    const source = path.join(first, 'model.safetensors');
    await importModel({ file: source, tokenizer: path.join(folder, 'copied.json'), directory: second });
    expect(await readModel(second)).toEqual({
      ...MODEL,
      name: 'second',
      config: { ...CONFIG, context: 256 },
    });
    const [before, after] = [first, second].map((name) => readFile(path.join(name, 'tokenizer.json')));
    expect(await after).toEqual(await before);
  });
});

it('a checkpoint keeps 32 bits when it is asked to, and 16 otherwise', async () => {
  const pieces = new Tokenizer([]);
  const config = { ...CONFIG, vocabulary: pieces.vocabularySize };
  const parameters = Float32Array.from({ length: parameterLayout(config).total }, (_, i) => Math.sin(i));
  const directory = path.join(folder, 'precision');
  for (const precision of ['F32', 'F16'] as const) {
    await writeCheckpoint(directory, config, parameters, pieces, precision);
    const { model } = await readCheckpoint(directory);
    const read = [...model.parameters.values()].flatMap((values) => [...values]);
    expect(read.every((value, i) => value === parameters[i])).toBe(precision === 'F32');
  }
});
