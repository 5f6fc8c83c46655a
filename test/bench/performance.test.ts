import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BENCH_KERNELS } from '../../src/bench/bench-kernels.js';
import { measureKernel } from '../../src/bench/kernel-instructions.js';
import { measureTokens, performanceSchema } from '../../src/bench/performance.js';
import { renderPerformancePage } from '../../src/bench/performance-page.js';
import { loadBoards } from '../../src/boards/load.js';
import { emulatorHolds } from '../../src/emulate/emulator-firmware.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
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

async function imageOf(model: string) {
  const image = await readModelImage(await findModel(model));
  return { name: model, image, fingerprint: hexadecimal(imageFingerprint(image)) };
}

describe('docs/performance.md', () => {
  it('shows its figures', async () => {
    const page = await readFile(path.join(docs, 'performance.md'), 'utf8');
    expect(page).toBe(renderPerformancePage(committed, 'performance.json', 'performance.svg'));
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

  it.each(['riscv32imc', 'cortex-m0plus', 'cortex-m4', 'xtensa-lx106'])(
    'says what the fastest kernel takes on %s, and is within 2%% of it',
    async (toolchain) => {
      const written = committed.kernels
        .filter((cost) => cost.toolchain === toolchain)
        .reduce((fastest, cost) =>
          cost.instructionsPerWeight < fastest.instructionsPerWeight ? cost : fastest,
        );
      const kernel = BENCH_KERNELS.find(({ id }) => id === written.kernel);
      if (kernel === undefined) throw new Error(`there is no kernel ${written.kernel}`);
      const measured = await measureKernel(kernel, boardOf(toolchain), written);
      expect(isNear(measured.instructions, written.instructions)).toBe(true);
    },
  );

  it('says what a token of the default model takes, and is within 2% of it', async () => {
    for (const token of await measureTokens(await imageOf('mcu'), boardOf('riscv32imc'))) {
      const written = committed.tokens.find(
        ({ model, toolchain, story }) =>
          model === 'mcu' && toolchain === token.toolchain && story === token.story,
      );
      expect(isNear(token.instructions, written?.instructions ?? 0)).toBe(true);
      expect(token.headRows).toBe(written?.headRows);
      expect(token.bytesRead).toBe(written?.bytesRead);
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
    const fastest = (rows: number) =>
      Math.min(
        ...committed.kernels
          .filter((cost) => cost.toolchain === toolchain && cost.rows === rows)
          .map(({ instructionsPerWeight }) => instructionsPerWeight),
      );
    expect(fastest(512)).toBeLessThanOrEqual(up);
    expect(fastest(192)).toBeLessThanOrEqual(down);
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
