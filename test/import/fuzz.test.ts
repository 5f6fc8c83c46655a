import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/checkpoint/safetensors.js';
import { FlashlmError } from '../../src/errors.js';
import { readStateDict } from '../../src/import/state-dict.js';
import { parseWeights } from '../../src/import/weights-file.js';
import { listZip } from '../../src/import/zip.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { FIXTURE_FOLDER, HAS_FIXTURE } from '../float/fixture.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { RandomNumbers } from '../integer/random-model.js';
import { torchFile } from './torch-model.js';

const MODEL = makeRandomFloatModel(
  { vocabulary: 11, dimension: 6, blocks: 1, hidden: 8, kernel: 3, context: 16 },
  1,
);

/** Reads a damaged file; anything but a model or a FlashlmError fails the test. */
async function survives(bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    await readStateDict(await parseWeights(bytes, 'damaged.pt'), 'damaged');
    return 'read';
  } catch (error) {
    if (error instanceof FlashlmError && error.code === 'bad-checkpoint') return 'refused';
    throw error;
  }
}

/** Flips bits, overwrites bytes and cuts ends, a few at a time. */
async function fuzz(original: Uint8Array, rounds: number, seed: number): Promise<number> {
  const random = new RandomNumbers(seed);
  let refused = 0;
  for (let round = 0; round < rounds; round++) {
    const bytes = Uint8Array.from(original);
    const changes = random.integer(1, 4);
    for (let i = 0; i < changes; i++) {
      const at = random.integer(0, bytes.length - 1);
      bytes[at] = round % 2 === 0 ? bytes[at] ^ (1 << random.integer(0, 7)) : random.integer(0, 255);
    }
    const length = round % 10 === 9 ? random.integer(0, bytes.length) : bytes.length;
    if ((await survives(bytes.subarray(0, length))) === 'refused') refused++;
  }
  return refused;
}

describe('a damaged file gives a model or one sentence, never anything else', () => {
  it('of torch.save', async () => {
    expect(await fuzz(torchFile(MODEL), 3000, 1)).toBeGreaterThan(2500);
  });

  it('of torch.save, with damage in the pickle that no CRC tells', async () => {
    const original = await (await listZip(torchFile(MODEL), 'whole')).get('m/data.pkl')?.read();
    if (original === undefined) throw new Error('there is no pickle');
    const random = new RandomNumbers(2);
    for (let round = 0; round < 5000; round++) {
      const pickle = Uint8Array.from(original);
      for (let i = 0; i <= round % 3; i++)
        pickle[random.integer(0, pickle.length - 1)] = random.integer(0, 255);
      await survives(torchFile(MODEL, { pickle }));
    }
  });

  it('of safetensors', async () => {
    const tensors = new Map(
      parameterLayout(MODEL.config).parameters.map(({ name, shape }) => [
        name,
        { shape, values: MODEL.parameters.get(name) ?? new Float32Array(0) },
      ]),
    );
    const file = encodeSafetensors({ tensors, metadata: {} }, 'F32');
    expect(await survives(file)).toBe('read');
    await fuzz(file, 2000, 3);
    const headerBytes = Number(Buffer.from(file.subarray(0, 8)).readBigUInt64LE());
    expect(await fuzz(file.subarray(0, 8 + headerBytes), 1000, 4)).toBe(1000);
  });

  it.skipIf(!HAS_FIXTURE)(
    "PyTorch's own file (skipped where ../shared/reference/fixture-tiny is not there)",
    async () => {
      const file = new Uint8Array(readFileSync(path.join(FIXTURE_FOLDER, 'model.pt')));
      expect(await survives(file)).toBe('read');
      expect(await fuzz(file, 1500, 5)).toBeGreaterThan(1300);
    },
  );
});
