import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FloatModel } from '../../src/float/model.js';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout } from '../../src/model/parameters.js';

/** Where PyTorch's reference output lies (model.pt and expected.json); it belongs to no repository. */
export const FIXTURE_FOLDER = path.resolve(import.meta.dirname, '../../../shared/reference/fixture-tiny');

export const HAS_FIXTURE = existsSync(path.join(FIXTURE_FOLDER, 'expected.json'));

interface Expected {
  config: { vocab: number; dim: number; blocks: number; hidden: number; kernel: number };
  tokens: number[];
  /** [tokens x V] */
  logits: number[][];
}

export function readFixture(): { model: FloatModel; expected: Expected } {
  const expected: Expected = JSON.parse(readFileSync(path.join(FIXTURE_FOLDER, 'expected.json'), 'utf8'));
  const { vocab, dim, blocks, hidden, kernel } = expected.config;
  const config: ModelConfig = {
    vocabulary: vocab,
    dimension: dim,
    blocks,
    hidden,
    kernel,
    context: 256,
  };
  const files = readStoredZip(readFileSync(path.join(FIXTURE_FOLDER, 'model.pt')));
  // torch.save numbers the storages in the order of the state_dict, which is parameterLayout's.
  const parameters = parameterLayout(config).parameters.map(({ name, size }, index) => {
    const bytes = files.get(`model/data/${index}`);
    if (bytes?.length !== size * 4) {
      throw new Error(`storage ${index} has ${bytes?.length} bytes, ${name} takes ${size * 4}`);
    }
    return [name, new Float32Array(Uint8Array.from(bytes).buffer)] as const;
  });
  return { model: { name: 'fixture', config, parameters: new Map(parameters) }, expected };
}

/** Files of a zip whose entries are stored uncompressed with their sizes in front, as torch.save writes it. */
function readStoredZip(zip: Buffer): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let entry = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) => zip.readUInt16LE(entry + at));
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameBytes);
    const local = zip.readUInt32LE(entry + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(name, zip.subarray(start, start + zip.readUInt32LE(entry + 24)));
    entry += 46 + nameBytes + extraBytes + commentBytes;
  }
  return files;
}
