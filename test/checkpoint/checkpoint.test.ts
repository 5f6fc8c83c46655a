import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, TOKENIZER_FILE, writeCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { FloatSession } from '../../src/float/forward.js';
import type { FloatModel } from '../../src/float/model.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { quantise } from '../../src/quantise/quantise.js';
import { writeModelVocabulary } from '../../src/tokenizer/file.js';
import { chipOrder } from '../../src/tokenizer/model-vocabulary.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { makePieces } from '../integer/random-model.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

function flat({ config, parameters }: FloatModel): Float32Array {
  const layout = parameterLayout(config);
  const values = new Float32Array(layout.total);
  for (const { name, offset } of layout.parameters) values.set(parameters.get(name) ?? [], offset);
  return values;
}

const SHAPE = { dimension: 4, blocks: 1, hidden: 4, kernel: 2, context: 16, memory: { heads: 2, slots: 3 } };

describe('a checkpoint with a memory and clusters', () => {
  it('keeps the number of every cluster in 16 bits, of as many as a model may have', async () => {
    const vocabulary = 2048 + 257;
    const pieces = Array.from({ length: vocabulary - 257 }, (_, i) =>
      String.fromCharCode(97 + (i >> 8), 97 + ((i >> 4) & 15), 97 + (i & 15)),
    );
    const tokenizer = new Tokenizer(pieces);
    const model = makeRandomFloatModel({ ...SHAPE, vocabulary, clusters: 2048 }, 1);
    const directory = path.join(folder, 'most');
    await writeCheckpoint(directory, model.config, flat(model), tokenizer, 'F16');
    const read = (await readCheckpoint(directory)).model;
    expect(read.config).toEqual(model.config);
    const clusterOfToken = read.parameters.get('head.cluster_of_token');
    expect(clusterOfToken).toEqual(model.parameters.get('head.cluster_of_token'));
    expect(Math.max(...(clusterOfToken ?? []))).toBe(2047);
    expect([...(quantise(read, tokenizer.pieces).clusters?.clusterOfToken ?? [])]).toEqual([
      ...(clusterOfToken ?? []),
    ]);
  });

  it('keeps each token in its cluster where the model has an order of its own', async () => {
    const model = makeRandomFloatModel({ ...SHAPE, vocabulary: 270, clusters: 9 }, 2);
    const directory = path.join(folder, 'order');
    const chipPieces = makePieces(270);
    await writeCheckpoint(directory, model.config, flat(model), new Tokenizer([]), 'F32');
    // The model counts its tokens backwards.
    const vocabulary = {
      endOfStory: 269,
      standIn: 0,
      pieces: chipPieces.map((_, id) => (id === 269 ? null : chipPieces[269 - id])),
    };
    await writeModelVocabulary(path.join(directory, TOKENIZER_FILE), vocabulary, 'greedy');
    const { rows } = chipOrder(vocabulary);
    const read = (await readCheckpoint(directory)).model;
    const [own, ordered] = [new FloatSession(model), new FloatSession(read)];
    for (const token of [0, 5, 262]) {
      const expected = own.step(rows[token]);
      for (const [id, logit] of ordered.step(token).entries()) {
        expect(logit).toBeCloseTo(expected[rows[id]], 9);
      }
    }
  });
});
