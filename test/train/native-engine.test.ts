import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { startBackend } from '../../src/train/backend.js';
import { lossAndGradient } from '../../src/train/gradient.js';
import { type NativeEngine, startNativeEngine } from '../../src/train/native-engine.js';
import { type NativeLibrary, nativeLibrary } from '../../src/train/native-library.js';
import { Random } from '../../src/train/random.js';
import { startTfjsEngine } from '../../src/train/tfjs-engine.js';
import { parameterGroups } from '../../src/train/training-engine.js';
import { HAS_FIXTURE, readFixture } from '../float/fixture.js';
import { trainedLikeParameters } from './trained-like.js';

/** The engine in C against tfjs, which is the definition, and against PyTorch's fixture. */

/** Error of a gradient relative to the largest value of the same tensor, with 16-bit integers and with floats. */
const INTEGER_TOLERANCE = 1e-3;
const FLOAT_TOLERANCE = 2e-5;
const BLAS = 'libopenblas.so.0';

const compiled = await nativeLibrary(() => undefined);
const native = 'missing' in compiled ? null : compiled;
const hasBlas = native?.loadBlas(BLAS) === true;
native?.loadBlas(null);

beforeAll(async () => {
  await startBackend();
});

function library(): NativeLibrary {
  if (native === null) throw new Error('the engine was not compiled');
  return native;
}

const SMALL = { vocabulary: 203, dimension: 36, blocks: 2, hidden: 50, kernel: 5, context: 19 };

/** Widths that fill no vector, no tile and no pair; the last one has more of everything than one block of a product. */
const SHAPES: ModelConfig[] = [
  { vocabulary: 203, dimension: 36, blocks: 2, hidden: 50, kernel: 5, context: 19 },
  { vocabulary: 33, dimension: 7, blocks: 3, hidden: 5, kernel: 8, context: 9 },
  { vocabulary: 64, dimension: 32, blocks: 1, hidden: 64, kernel: 1, context: 16 },
  { vocabulary: 1100, dimension: 200, blocks: 1, hidden: 70, kernel: 3, context: 300 },
  { ...SMALL, memory: { heads: 4, slots: 3 } },
  { ...SMALL, memory: { heads: 1, slots: 1 }, context: 40 },
  { ...SMALL, clusters: 9 },
  { ...SMALL, memory: { heads: 12, slots: 8 }, clusters: 70 },
];

const ENGINES = [
  { name: 'floats, built-in products', integers: false, blas: null, threads: 1 },
  { name: 'floats, two threads', integers: false, blas: null, threads: 2 },
  { name: '16-bit integers', integers: true, blas: null, threads: 1 },
  { name: '16-bit integers, three threads', integers: true, blas: null, threads: 3 },
  { name: `floats, ${BLAS}`, integers: false, blas: BLAS, threads: 2 },
];

const SEQUENCES = 3;

function windowsFor({ vocabulary, context }: ModelConfig): Int32Array {
  const random = new Random(5);
  return Int32Array.from({ length: SEQUENCES * (context + 1) }, () =>
    Math.floor(random.uniform() * vocabulary),
  );
}

const engines: NativeEngine[] = [];
function start(config: ModelConfig, { integers, blas, threads }: (typeof ENGINES)[number]): NativeEngine {
  library().loadBlas(blas);
  const engine = startNativeEngine(library(), config, threads, integers, blas);
  if (engine === null) throw new Error('memory is short');
  engines.push(engine);
  engine.parameters.set(trainedLikeParameters(config));
  return engine;
}
afterAll(async () => {
  for (const engine of engines) await engine.close();
});

describe.skipIf(native === null)('the engine in C (skipped: no C compiler)', () => {
  for (const engineKind of ENGINES) {
    const skipped = engineKind.blas !== null && !hasBlas;
    describe.skipIf(skipped)(`${engineKind.name}${skipped ? ` (skipped: no ${BLAS})` : ''}`, () => {
      it.each(SHAPES)('has the loss and the gradients of tfjs: %j', async (config) => {
        const windows = windowsFor(config);
        const expected = new Float32Array(parameterLayout(config).total);
        const loss = lossAndGradient(config, trainedLikeParameters(config), windows, SEQUENCES, expected);
        const engine = start(config, engineKind);
        const result = await engine.compute(windows, SEQUENCES);
        const tolerance = engineKind.integers ? INTEGER_TOLERANCE : FLOAT_TOLERANCE;
        expect(Math.abs(result.loss - loss)).toBeLessThan(1e-4 * loss);
        for (const parameter of parameterLayout(config).parameters) {
          const ours = parameterView(engine.gradient, parameter);
          const theirs = parameterView(expected, parameter);
          const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          const error = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i])), 0);
          if (!parameter.trained) expect(ours.every((value) => value === 0)).toBe(true);
          else expect(error / largest, parameter.name).toBeLessThan(tolerance);
        }
        const norm = Math.sqrt(engine.gradient.reduce((sum, value) => sum + value * value, 0));
        expect(Math.abs(result.gradientNorm / norm - 1)).toBeLessThan(1e-5);
        expect(await engine.evaluate(windows, SEQUENCES)).toBe(result.loss);
      });

      it.skipIf(!HAS_FIXTURE)(
        `computes PyTorch's logits within 1e-4${HAS_FIXTURE ? '' : ' (skipped: no ../shared)'}`,
        () => {
          const { model, expected } = readFixture();
          const engine = start(model.config, engineKind);
          for (const parameter of parameterLayout(model.config).parameters) {
            const values = model.parameters.get(parameter.name) as Float32Array;
            parameterView(engine.parameters, parameter).set(values);
          }
          const logits = engine.logits(Int32Array.from(expected.tokens));
          const error = expected.logits
            .flat()
            .reduce((most, x, i) => Math.max(most, Math.abs(x - logits[i])), 0);
          expect(error).toBeLessThan(1e-4);
        },
      );

      it('gives the same bits twice', async () => {
        const [config] = SHAPES;
        const once = start(config, engineKind);
        const twice = start(config, engineKind);
        for (let step = 1; step <= 3; step++) {
          for (const engine of [once, twice]) {
            await engine.compute(windowsFor(config), SEQUENCES);
            engine.update(optimizerStep(config, step, 'adamw'));
          }
        }
        expect(once.parameters).toEqual(twice.parameters);
      });
    });
  }

  it.each(['adamw', 'muon'] as const)('takes the steps of tfjs with %s', async (matrices) => {
    const config = SHAPES[0];
    const reference = await startTfjsEngine(config, 1);
    const engine = start(config, ENGINES[1]);
    reference.parameters.set(engine.parameters);
    const random = new Random(8);
    for (let step = 1; step <= 4; step++) {
      const gradient = Float32Array.from(engine.gradient, () => 0.01 * random.normal());
      for (const each of [reference, engine]) {
        each.gradient.set(gradient);
        each.update(optimizerStep(config, step, matrices));
      }
    }
    const error = engine.parameters.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - reference.parameters[i])),
      0,
    );
    expect(error).toBeLessThan(1e-5);
    expect(engine.parameters).not.toEqual(trainedLikeParameters(config));
    await reference.close();
  });

  it('makes nearly orthogonal steps with Muon', async () => {
    const config = SHAPES[0];
    const engine = start(config, ENGINES[0]);
    const before = engine.parameters.slice();
    await engine.compute(windowsFor(config), SEQUENCES);
    engine.update(optimizerStep(config, 1, 'muon', 0));
    const parameter = parameterLayout(config).parameters.find(({ name }) =>
      name.endsWith('mixer.down.weight'),
    );
    if (parameter === undefined) throw new Error('there is no such matrix');
    const [rows, columns] = parameter.shape;
    const step = parameterView(engine.parameters, parameter).map(
      (value, i) => (value - before[parameter.offset + i]) / (LEARNING_RATE * 0.2 * Math.sqrt(rows)),
    );
    // The rows of an orthogonal matrix have length 1; five iterations leave singular values between 0.7 and 1.2.
    for (let row = 0; row < rows; row++) {
      const length = Math.hypot(...step.subarray(row * columns, (row + 1) * columns));
      expect(length).toBeGreaterThan(0.3);
      expect(length).toBeLessThan(1.3);
    }
  });
});

const LEARNING_RATE = 1e-2;

function optimizerStep(config: ModelConfig, step: number, matrices: 'adamw' | 'muon', weightDecay = 0.1) {
  const rates = { embedding: 2 * LEARNING_RATE, matrices: LEARNING_RATE };
  return { step, gradientScale: 0.5, groups: parameterGroups(config, rates, { matrices, weightDecay }) };
}
