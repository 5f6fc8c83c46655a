import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/compile/find-program.js';
import type { ModelConfig } from '../../src/model/config.js';
import { initialiseParameters } from '../../src/train/initialise.js';
import { startNativeEngine } from '../../src/train/native-engine.js';
import { compileEngine, type NativeLibrary } from '../../src/train/native-library.js';
import { Random } from '../../src/train/random.js';

/** The C sources themselves: what compilers say of them, and that every form of the kernels computes the same. */

const WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Werror'];
const isX86 = process.arch === 'x64';
/** Forms that differ in their vectors and in whether there are integer products. */
const PROCESSORS = isX86 ? [[], ['-mavx2', '-mfma'], ['-march=native']] : [[]];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-native-'));
});
afterAll(() => rm(folder, { recursive: true }));

const compilers = await Promise.all(
  ['gcc', 'clang'].map(async (name) => ({ name, found: (await findProgram(name)) !== null })),
);

describe.each(compilers)('$name', ({ name, found }) => {
  it.skipIf(!found).each(PROCESSORS.map((flags) => ({ flags, label: flags.join(' ') || 'any processor' })))(
    `compiles without a warning for $label${found ? '' : ' (skipped: not here)'}`,
    async ({ flags }) => {
      const file = path.join(folder, `${name}${flags.join('')}.node`);
      expect(await compileEngine(name, file, [...flags, ...WARNINGS])).toBeNull();
    },
  );
});

describe.skipIf(!compilers[0].found)('kernels (skipped: no gcc)', () => {
  it('compute the same in vectors of every width and in plain C', async () => {
    const { stdout } = await execa('gcc', ['-march=native', '-Q', '--help=target']);
    const has = (feature: string) => new RegExp(`-m${feature}\\s+\\[enabled\\]`).test(stdout);
    const processors = PROCESSORS.filter((flags) => !flags.includes('-mavx2') || (has('avx2') && has('fma')));
    expect(processors.length).toBeGreaterThan(0);
    const config: ModelConfig = {
      vocabulary: 203,
      dimension: 36,
      blocks: 2,
      hidden: 50,
      kernel: 5,
      context: 19,
    };
    const random = new Random(5);
    const windows = Int32Array.from({ length: 2 * 20 }, () => Math.floor(random.uniform() * 203));
    for (const integers of [false, true]) {
      const gradients: Float32Array[] = [];
      for (const flags of processors) {
        const file = path.join(folder, `run${flags.join('')}.node`);
        expect(await compileEngine('gcc', file, flags)).toBeNull();
        const native: NativeLibrary = createRequire(import.meta.url)(file);
        const engine = startNativeEngine(native, config, 1, integers, null);
        if (engine === null) throw new Error('memory is short');
        initialiseParameters(engine.parameters, config, 3);
        await engine.compute(windows, 2);
        gradients.push(engine.gradient.slice());
        await engine.close();
      }
      const largest = gradients[0].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const gradient of gradients) {
        const error = gradient.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - gradients[0][i])),
          0,
        );
        // Where two forms differ in a float's last bit, an integer may round the other way.
        expect(error / largest).toBeLessThan(integers ? 2e-4 : 2e-5);
      }
    }
  });
});
