import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { figuresOfPerformance } from '../../src/bench/bench-figures.js';
import { performanceSchema } from '../../src/bench/performance.js';
import { addBenchCommand } from '../../src/commands/bench.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { runCommand } from '../commands/run-command.js';
import { IMAGES } from '../firmware/models.js';

/** What other tools rely on: ../shared/design.md, section 6. */
const figuresSchema = z.array(
  z.strictObject({
    ...{ name: z.string(), target: z.string(), value: z.number().nullable(), unit: z.string() },
  }),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-bench-figures-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the figures of a benchmark', async () => {
  const performance = performanceSchema.parse(
    JSON.parse(await readFile(path.join(PACKAGE_ROOT, 'docs', 'performance.json'), 'utf8')),
  );
  const figures = figuresSchema.parse(figuresOfPerformance(performance));

  it('have a name and a target that no other has', () => {
    const keys = figures.map(({ name, target }) => `${name} of ${target}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are those of every kernel, and of every token with its parts', () => {
    const [kernel] = performance.kernels;
    const shape = `${kernel.toolchain}, ${kernel.rows} x ${kernel.columns}`;
    expect(figures).toContainEqual({
      ...{ name: `kernel ${kernel.kernel}`, target: shape },
      ...{ value: kernel.instructionsPerWeight, unit: 'instructions/weight' },
    });
    for (const token of performance.tokens) {
      const target = `${token.toolchain}, ${token.model}, ${token.story}`;
      const ofToken = figures.filter((figure) => figure.target === target);
      const parts = ofToken.filter(({ name }) => name.startsWith('token: '));
      expect(parts.map(({ value }) => value)).toEqual(token.parts.map(({ instructions }) => instructions));
      expect(Object.fromEntries(ofToken.map(({ name, value }) => [name, value]))).toMatchObject({
        token: token.instructions,
        'rows of the output head': token.headRows,
        'bytes of the image': token.bytesRead,
      });
    }
  });
});

it('bench token --json prints such a list, functions included where they are asked for', async () => {
  const model = path.join(folder, 'small.flm');
  await writeFile(model, IMAGES.small);
  const words = ['bench', 'token', '--model', model, '--boards', 'esp32c3', '--functions', '--json'];
  const { stdout } = await runCommand(addBenchCommand, ...words);
  const figures = figuresSchema.parse(JSON.parse(stdout));
  expect(new Set(figures.map(({ target }) => target))).toEqual(new Set([`esp32c3, ${model}, greedy`]));
  const figureOf = (name: string) => figures.find((figure) => figure.name === name)?.value;
  expect(figureOf('token')).toBeGreaterThan(figureOf('token: ternary products') ?? Number.NaN);
  expect(figureOf('function flashlm_ternary_product')).toBeGreaterThan(0);
  expect(figureOf('rows of the output head')).toBeGreaterThan(0);
  expect(figureOf('bytes of the image')).toBeLessThan(IMAGES.small.length);
});
