import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BENCH_KERNELS } from '../../src/bench/bench-kernels.js';
import { measureKernel } from '../../src/bench/kernel-instructions.js';
import { measureTokens, performanceSchema } from '../../src/bench/performance.js';
import { writePerformancePage } from '../../src/bench/performance-page.js';
import { loadBoards } from '../../src/boards/load.js';
import { emulatorHolds } from '../../src/emulate/emulator-firmware.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { bestKernel } from '../../src/generate/kernels.js';
import { imageFingerprint } from '../../src/image/read.js';
import { findModel, modelNames, readModelImage } from '../../src/model/find.js';
import { hexadecimal } from '../../src/parity/parity.js';
import { distinctToolchains } from '../../src/results/core-runs.js';

const docs = path.join(PACKAGE_ROOT, 'docs');
const committed = performanceSchema.parse(
  JSON.parse(await readFile(path.join(docs, 'performance.json'), 'utf8')),
);
const cores = distinctToolchains(await loadBoards());
const boardOf = (toolchain: string) => {
  const board = cores.find((candidate) => candidate.toolchain === toolchain);
  if (board === undefined) throw new Error(`no board is compiled with ${toolchain}`);
  return board;
};

/** How far a figure of the page may be from what is measured. */
const TOLERANCE = 0.02;
const isNear = (measured: number, written: number) => Math.abs(measured / written - 1) <= TOLERANCE;

const coresWithKernels = committed.cores
  .map(({ toolchain }) => toolchain)
  .filter((toolchain) => committed.kernels.some((cost) => cost.toolchain === toolchain));

/** Rows of the matrices that were measured on a core: those of BENCH_SHAPES, or of what fits a small chip. */
function rowsOn(toolchain: string): number[] {
  const rows = committed.kernels.filter((cost) => cost.toolchain === toolchain).map((cost) => cost.rows);
  return [...new Set(rows)];
}

/** What the fastest kernel takes for matrices of so many rows. */
function fastestOn(toolchain: string, rows: number) {
  return committed.kernels
    .filter((cost) => cost.toolchain === toolchain && cost.rows === rows)
    .reduce((fastest, cost) => (cost.instructions < fastest.instructions ? cost : fastest));
}

function tokenOf(model: string, toolchain: string, story: 'greedy' | 'sampled') {
  const token = committed.tokens.find(
    (candidate) =>
      candidate.model === model && candidate.toolchain === toolchain && candidate.story === story,
  );
  if (token === undefined) throw new Error(`${model} was not measured on ${toolchain}`);
  return token;
}

async function imageOf(model: string) {
  const image = await readModelImage(await findModel(model));
  return { name: model, image, fingerprint: hexadecimal(imageFingerprint(image)) };
}

describe('docs/performance.md', () => {
  it('shows its figures, and so does its picture', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-performance-'));
    try {
      const files = await writePerformancePage(committed, path.join(folder, 'performance.md'));
      expect(files.map((file) => path.extname(file)).sort()).toEqual(['.json', '.md', '.svg']);
      for (const file of files) {
        const written = await readFile(path.join(docs, path.basename(file)), 'utf8');
        expect(written).toBe(await readFile(file, 'utf8'));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has every core, every kernel and every model that ships, as it ships', async () => {
    expect(committed.cores.map(({ toolchain }) => toolchain).sort()).toEqual(
      cores.map(({ toolchain }) => toolchain).sort(),
    );
    expect(new Set(committed.kernels.map(({ kernel }) => kernel))).toEqual(
      new Set(BENCH_KERNELS.map(({ id }) => id)),
    );
    for (const name of await modelNames()) {
      const { fingerprint, image } = await imageOf(name);
      const tokens = committed.tokens.filter(({ model }) => model === name);
      const holding = cores.filter((board) => emulatorHolds(image, board));
      expect(tokens.map((token) => token.fingerprint)).toEqual(Array(2 * holding.length).fill(fingerprint));
    }
  });

  it.each(coresWithKernels)(
    'says what the fastest kernel takes on %s at every shape, and another at one, within two percent',
    async (toolchain) => {
      const fastest = rowsOn(toolchain).map((rows) => fastestOn(toolchain, rows));
      const others = committed.kernels.filter(
        (cost) => cost.toolchain === toolchain && !fastest.includes(cost),
      );
      const other = others[(5 * coresWithKernels.indexOf(toolchain)) % others.length];
      for (const written of [...fastest, other]) {
        const kernel = BENCH_KERNELS.find(({ id }) => id === written.kernel);
        if (kernel === undefined) throw new Error(`there is no kernel ${written.kernel}`);
        const measured = await measureKernel(kernel, boardOf(toolchain), written);
        expect(isNear(measured.instructions, written.instructions)).toBe(true);
      }
    },
  );

  it.each([
    ['mcu', 'riscv32imc'],
    ['v4', 'riscv32imc'],
    ['v4', 'cortex-m4'],
    ['nano', 'cortex-m0plus'],
    ['nano', 'xtensa-lx106'],
    ['nano', 'atmega2560'],
  ])('says what a token of %s takes on %s, and is within two percent of it', async (model, toolchain) => {
    for (const token of await measureTokens(await imageOf(model), boardOf(toolchain))) {
      const written = tokenOf(model, toolchain, token.story);
      expect(isNear(token.instructions, written.instructions)).toBe(true);
      expect(token.headRows).toBe(written.headRows);
      expect(token.bytesRead).toBe(written.bytesRead);
    }
  });

  it('has the same rows and bytes on every core, because the model decides them', () => {
    for (const token of committed.tokens) {
      const first = committed.tokens.find(
        ({ model, story }) => model === token.model && story === token.story,
      );
      expect([token.headRows, token.bytesRead]).toEqual([first?.headRows, first?.bytesRead]);
    }
  });
});

describe('the targets that were set for kernels', () => {
  it.each([
    ['riscv32imc', 1.25, 1.5],
    ['cortex-m0plus', 1.2, 1.55],
    ['cortex-m4', 0.92, 1.15],
    ['xtensa-lx106', 1.15, 1.4],
  ])('are reached on %s', (toolchain, up, down) => {
    expect(fastestOn(toolchain, 512).instructionsPerWeight).toBeLessThanOrEqual(up);
    expect(fastestOn(toolchain, 192).instructionsPerWeight).toBeLessThanOrEqual(down);
  });
});

it.each(coresWithKernels)('on %s the kernel that is chosen where RAM is free is the fastest', (toolchain) => {
  const { id } = bestKernel(toolchain, Infinity, false);
  for (const rows of rowsOn(toolchain)) expect(fastestOn(toolchain, rows).kernel).toBe(id);
});

describe('the targets that were set for a token', () => {
  it.each([
    ['v4', 'riscv32imc', 'greedy', 7_500_000],
    ['v4', 'cortex-m4', 'greedy', 4_500_000],
    ['mcu', 'riscv32imc', 'sampled', 4_500_000],
  ] as const)('are reached by %s on %s, %s', (model, toolchain, story, instructions) => {
    expect(tokenOf(model, toolchain, story).instructions).toBeLessThanOrEqual(instructions);
  });

  it('are reached by what a sampled token of mcu reads', () => {
    expect(tokenOf('mcu', 'riscv32imc', 'sampled').bytesRead).toBeLessThanOrEqual(650_000);
  });

  it('are reached by all but ternary products and output head: 12% of a token of v4', () => {
    const { parts, instructions } = tokenOf('v4', 'riscv32imc', 'greedy');
    const known = parts.filter(({ name }) => ['ternary products', 'output head'].includes(name));
    expect(known).toHaveLength(2);
    const rest = instructions - known.reduce((sum, part) => sum + part.instructions, 0);
    expect(rest / instructions).toBeLessThanOrEqual(0.12);
  });
});

it('a kernel that adds up wrongly is noticed', async () => {
  const right = BENCH_KERNELS.find(({ id }) => id === 'int8-plain');
  if (right === undefined) throw new Error('there is no such baseline');
  const wrong = {
    ...right,
    source: async (rows: number, columns: number) =>
      (await right.source(rows, columns)).replace('int32_t sum = 0', 'int32_t sum = 1'),
  };
  await expect(measureKernel(wrong, boardOf('riscv32imc'), { rows: 8, columns: 20 })).rejects.toMatchObject({
    code: 'parity-broken',
  });
});
