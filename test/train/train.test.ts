import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { splitStories } from '../../src/data/hold-out.js';
import type { ModelConfig } from '../../src/model/config.js';
import { trainTokenizer } from '../../src/tokenizer/train.js';
import type { RunRecord } from '../../src/train/run-record.js';
import type { EngineChoice } from '../../src/train/start-engine.js';
import { type TrainingProgress, type TrainingRequest, train } from '../../src/train/train.js';
import { encodeTrainingData } from '../../src/train/training-data.js';
import { madeUpStories } from '../fixtures/stories.js';

const stories = splitStories(madeUpStories(300));
const tokenizer = trainTokenizer(stories.training, 300);
const config: ModelConfig = { vocabulary: 300, dimension: 16, blocks: 2, hidden: 24, kernel: 4, context: 32 };

let folder: string;
/** The engine that every computer has; the one in C has its own tests (native-engine.test.ts). */
const engine: EngineChoice = {
  kind: 'tfjs',
  arithmetic: 'auto',
  blas: 'none',
  threads: 1,
  onWait: () => undefined,
  onRemark: () => undefined,
};
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

function request(name: string, changes: Partial<TrainingRequest> = {}): TrainingRequest {
  return {
    config,
    tokenizer,
    data: encodeTrainingData(stories, tokenizer),
    directory: path.join(folder, name),
    startModel: null,
    budget: { steps: 12 },
    engine,
    batch: 4,
    learningRates: { embedding: 1e-2, matrices: 1e-2 },
    optimizer: { matrices: 'adamw', weightDecay: 0.01 },
    warmupSteps: 100,
    decayShare: 1,
    seed: 7,
    saveInterval: 120,
    ...changes,
  };
}

const RECORD: RunRecord = {
  ...{ name: 'taught', beganWith: null, date: '2026-11-23', minutes: 1, steps: 30, tokensSeen: 30 * 4 * 32 },
  ...{ finished: true, machine: '1 thread', settings: 'batch 4 x 32 tokens', data: [], dataNote: null },
};

describe('training', () => {
  it('lowers the loss and leaves a checkpoint that can be read', async () => {
    const losses: number[] = [];
    const onProgress = (progress: TrainingProgress) => losses.push(progress.loss);
    const directory = path.join(folder, 'falls');
    const result = await train(request('falls', { budget: { steps: 120 }, onProgress }));
    expect(result.finished).toBe(true);
    expect(result.state.tokensSeen).toBe(120 * 4 * 32);
    expect(losses.at(-1)).toBeLessThan(losses[0] * 0.75);
    const { model, tokenizer: saved } = await readCheckpoint(directory);
    expect(model.config).toEqual(config);
    expect(saved.learnedPieces).toEqual(tokenizer.learnedPieces);
  });

  it('ends in the same bytes whether or not it was interrupted and resumed', async () => {
    await train(request('whole'));
    const interrupt = new AbortController();
    const stopAt = 5;
    const first = await train(
      request('parts', {
        signal: interrupt.signal,
        onProgress: ({ step }) => {
          if (step === stopAt) interrupt.abort();
        },
      }),
    );
    expect(first).toMatchObject({ finished: false, state: { step: stopAt } });
    const second = await train(request('parts'));
    expect(second).toMatchObject({ finished: true, state: { step: 12 } });
    const weights = (name: string) => readFile(path.join(folder, name, 'model.safetensors'));
    expect(await weights('parts')).toEqual(await weights('whole'));
  });

  it('does not resume with another seed', async () => {
    await train(request('seeded', { budget: { steps: 1 } }));
    await expect(train(request('seeded', { seed: 8 }))).rejects.toMatchObject({ code: 'bad-argument' });
    const resumed = await train(request('seeded', { seed: null, budget: { steps: 2 } }));
    expect(resumed.state.seed).toBe(7);
  });

  it('goes on with the weights of a model, which a resumed run keeps to', async () => {
    const teaching = await train(request('taught', { budget: { steps: 30 } }));
    const taught = await readCheckpoint(path.join(folder, 'taught'));
    const untaught = await train(request('untaught', { budget: { steps: 1 } }));
    const changes = { startModel: { model: taught.model, runs: null }, seed: 8, budget: { steps: 1 } };
    const continued = await train(request('continued', changes));
    const heldOut = ({ state }: typeof continued) => state.losses.heldOut[0].bpc;
    const lead = heldOut(untaught) - heldOut(teaching);
    expect(Math.abs(heldOut(continued) - heldOut(teaching))).toBeLessThan(0.1 * lead);
    expect(continued.state).toMatchObject({ step: 1, tokensSeen: 4 * 32, beganWith: { name: 'taught' } });

    const { model: other } = await readCheckpoint(path.join(folder, 'untaught'));
    await expect(
      train(request('continued', { ...changes, startModel: { model: other, runs: null } })),
    ).rejects.toMatchObject({
      code: 'bad-argument',
      what: expect.stringContaining('began with taught, not with these of untaught'),
    });
    await expect(
      train(request('untaught', { startModel: { model: other, runs: null } })),
    ).rejects.toMatchObject({
      what: expect.stringContaining('began with random weights'),
    });
    const resumed = await train(request('continued', { ...changes, budget: { steps: 2 } }));
    expect(resumed.state.beganWith).toEqual(continued.state.beganWith);

    // A run that did not keep what made its weights learns it from those who know.
    const again = { startModel: { model: taught.model, runs: [RECORD] }, seed: 8, budget: { steps: 2 } };
    const recorded = await train(request('continued', again));
    expect(recorded.state.beganWith).toMatchObject({ name: 'taught', runs: [RECORD] });
    const later = await train(request('continued', { budget: { steps: 3 }, seed: 8 }));
    expect(later.state.beganWith).toEqual(recorded.state.beganWith);
  });

  it('with a learning rate of next to nothing leaves the weights that it began with as they were', async () => {
    await train(request('kept', { budget: { steps: 2 } }));
    const { model } = await readCheckpoint(path.join(folder, 'kept'));
    const learningRates = { embedding: 1e-30, matrices: 1e-30 };
    await train(
      request('kept-on', { startModel: { model, runs: null }, learningRates, budget: { steps: 1 } }),
    );
    const weights = (name: string) => readFile(path.join(folder, name, 'model.safetensors'));
    expect(await weights('kept-on')).toEqual(await weights('kept'));
  });

  it('goes on when a save in between fails, and says so once', async () => {
    const directory = path.join(folder, 'full-disk');
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const result = await train(
      request('full-disk', {
        engine: { ...engine, onRemark },
        saveInterval: 0,
        onProgress: ({ step }) => {
          // A folder in the way of the file stands for a disk that takes no more.
          if (step === 3) rmSync(path.join(directory, 'model.safetensors'));
          if (step === 3)
            mkdirSync(path.join(directory, 'model.safetensors', 'in-the-way'), { recursive: true });
          if (step === 8) rmSync(path.join(directory, 'model.safetensors'), { recursive: true });
        },
      }),
    );
    expect(result.finished).toBe(true);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toContain('could not be written');
    await expect(readCheckpoint(directory)).resolves.toBeDefined();
  });

  it('does not resume a run of another shape', async () => {
    await train(request('shape', { budget: { steps: 1 } }));
    const other = train(request('shape', { config: { ...config, hidden: 32 } }));
    await expect(other).rejects.toMatchObject({ code: 'bad-checkpoint' });
  });

  it('does not resume with another tokenizer, and leaves the run as it was', async () => {
    await train(request('words', { budget: { steps: 1 } }));
    const file = path.join(folder, 'words', 'tokenizer.json');
    const before = await readFile(file);
    const other = trainTokenizer(madeUpStories(300, 99), 300);
    expect(other.learnedPieces).not.toEqual(tokenizer.learnedPieces);
    await expect(train(request('words', { tokenizer: other }))).rejects.toMatchObject({
      code: 'bad-checkpoint',
    });
    expect(await readFile(file)).toEqual(before);
  });

  it('takes a whole novel as one story', async () => {
    const novel = { training: [madeUpStories(4000).join('\n')], heldOut: [] };
    const result = await train(
      request('novel', { data: encodeTrainingData(novel, tokenizer), budget: { steps: 1 } }),
    );
    expect(result.finished).toBe(true);
  });

  it('says at once, not after two minutes, that a folder cannot be written', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');
    const steps: number[] = [];
    const hopeless = train(
      request('x', { directory: path.join(file, 'run'), onProgress: ({ step }) => steps.push(step) }),
    );
    await expect(hopeless).rejects.toMatchObject({ name: 'FlashlmError' });
    expect(steps).toEqual([]);
  });

  it('stops at a loss that is no number and keeps the last checkpoint', async () => {
    await train(request('diverges', { budget: { steps: 2 } }));
    const before = await readFile(path.join(folder, 'diverges', 'model.safetensors'));
    const diverging = train(
      request('diverges', { budget: { steps: 400 }, learningRates: { embedding: 1e30, matrices: 1e30 } }),
    );
    await expect(diverging).rejects.toMatchObject({ code: 'training-failed' });
    expect(await readFile(path.join(folder, 'diverges', 'model.safetensors'))).toEqual(before);
  });
});
