import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CoreCount } from '../../src/boards/cores.js';
import { KERNELS, type Kernel, renderKernel } from '../../src/generate/kernels.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel } from '../integer/random-model.js';
import {
  AVR,
  buildFirmware,
  EXTENDED_CORES,
  isInstalled,
  makeWorkspace,
  replaceMain,
  runFirmware,
  TARGETS,
  type Target,
} from './workspace.js';

const workspace = await makeWorkspace();
const CHECK = fileURLToPath(new URL('kernel_check.c', import.meta.url));

/** Of kernel_check.c. */
const ROW_COUNTS = [1, 2, 3, 7, 16, 31];
const COLUMN_COUNTS = [1, 4, 5, 6, 19, 20, 21, 39, 40, 41, 192, 256];
/** Random, the largest sums, the smallest, and the largest of positive and negative products. */
const FILLS = 4;
const MATRICES = ROW_COUNTS.length * COLUMN_COUNTS.length * FILLS;

/** What kernels that visit several rows at a time are unrolled by; all that these models' row counts share. */
const UNROLLINGS = [8, 4, 2, 1] as const;
/** A model so small that it does not matter, but that two cores have room for the sums of 31 x 8 rows. */
const IMAGE = writeImage(
  makeRandomModel({ vocabulary: 257, dimension: 8, hidden: 128, blocks: 1, kernel: 2 }, 1),
);
/** What a kernel needs of firmware/core; the rest would only take time to compile. */
const SOURCES_OF_CORE = ['dot_product.c', 'read.c', 'two_cores.c'];

/** The smallest that a board may have. */
const PAGE_BYTES = 256;
/** Matrices that an AVR has room for beside four tables. */
const AVR_FLAGS = ['-DMOST_ROWS=64', '-DMOST_WEIGHTS=2560', '-DMOST_PACKED_BYTES=1024'];
/** 2, 4 and 6 rows of all columns, and 14, 32 and 62 of those up to 41. */
const AVR_MATRICES = (3 * 12 + 3 * 10) * FILLS;

interface CheckOptions {
  rowsMultiple: (typeof UNROLLINGS)[number];
  pageBytes?: number;
  cores?: CoreCount;
  flags?: string[];
}

/** @returns what kernel_check.c prints */
async function check(
  kernel: Kernel,
  target: Target,
  { rowsMultiple, pageBytes, cores = 1, flags = [] }: CheckOptions,
): Promise<string> {
  const name = [target.toolchain, kernel.id, rowsMultiple, pageBytes ?? 'mapped', cores].join('-');
  const elf = await buildFirmware(path.join(workspace, name), IMAGE, target, {
    kernel: kernel.id,
    pageBytes,
    cores,
    compilerFlags: [`-DROWS_MULTIPLE=${rowsMultiple}`, ...flags],
    patch: async (folder) => {
      const rows = ROW_COUNTS.map((count) => count * rowsMultiple);
      const sizes = { rows, columns: COLUMN_COUNTS };
      const source = await renderKernel(kernel, sizes, 'Test.', { cores, paged: pageBytes !== undefined });
      await writeFile(path.join(folder, 'src', 'model', 'flashlm_kernel.c'), source);
      await leaveModelOut(folder);
      await replaceMain(folder, CHECK);
      if (pageBytes !== undefined) await leaveImageOut(folder);
    },
  });
  return runFirmware(elf, target, '');
}

async function leaveModelOut(folder: string): Promise<void> {
  for (const part of ['core', 'console']) {
    const sources = path.join(folder, 'src', part);
    for (const file of await readdir(sources)) {
      if (file.endsWith('.c') && !SOURCES_OF_CORE.includes(file)) await rm(path.join(sources, file));
    }
  }
}

/** What reads the image, which kernel_check.c does with the matrix instead. */
async function leaveImageOut(folder: string): Promise<void> {
  const makefile = path.join(folder, 'Makefile');
  const text = await readFile(makefile, 'utf8');
  const without = text.replace(/src\/ports\/(?:support\/linked_image|avr\/read_flash)\.c/, '');
  expect(without).not.toBe(text);
  await writeFile(makefile, without);
}

/** What kernel_check.c prints of so many matrices. */
const allRight = (matrices: number) => `${'.'.repeat(matrices / FILLS)}${matrices} right\r\ndone\r\n`;
const pageable = KERNELS.filter((kernel) => kernel.pageable);
/** Those that visit one row after the other are the same for all row counts. */
const unrollingsOf = ({ context }: Kernel) => {
  const [one, eight] = [1, 8].map((rows) =>
    JSON.stringify(context({ rows: [rows], columns: COLUMN_COUNTS })),
  );
  return one === eight ? [1 as const] : UNROLLINGS;
};

describe('a kernel adds up what the weights say', async () => {
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    for (const kernel of KERNELS) {
      for (const rowsMultiple of unrollingsOf(kernel)) {
        it.skipIf(isMissing)(`${kernel.id}, rows by ${rowsMultiple}, on ${target.name}`, async () => {
          expect(await check(kernel, target, { rowsMultiple })).toBe(allRight(MATRICES));
        });
      }
    }
    for (const kernel of pageable) {
      it.skipIf(isMissing)(
        `${kernel.id}, with weights read a page at a time, on ${target.name}`,
        async () => {
          const printed = await check(kernel, target, { rowsMultiple: 2, pageBytes: PAGE_BYTES });
          expect(printed).toBe(allRight(MATRICES));
        },
      );
    }
  }

  for (const target of EXTENDED_CORES) {
    const isMissing = !(await isInstalled(target));
    for (const kernel of KERNELS) {
      it.skipIf(isMissing)(`${kernel.id}, on ${target.name}`, async () => {
        expect(await check(kernel, target, { rowsMultiple: 4 })).toBe(allRight(MATRICES));
      });
    }
  }

  const isMissing = !(await isInstalled(AVR));
  for (const kernel of pageable) {
    it.skipIf(isMissing)(`${kernel.id}, on ${AVR.name}, as far as it has RAM`, async () => {
      const printed = await check(kernel, AVR, { rowsMultiple: 2, pageBytes: PAGE_BYTES, flags: AVR_FLAGS });
      expect(printed).toBe(allRight(AVR_MATRICES));
    });
  }
});

describe('two cores add up what the weights say, each half of the columns', async () => {
  const twoCores = 'qemu-arm-mps2-an521';
  const cases: { target: Target; kernels: string[] }[] = [
    { target: TARGETS[0], kernels: KERNELS.map(({ id }) => id) },
    {
      target: { name: 'two cores, code for Cortex-M0+', toolchain: 'cortex-m0plus', emulator: twoCores },
      kernels: ['shared-partial-sums-20'],
    },
    {
      target: { name: 'two Cortex-M33', toolchain: 'cortex-m33', emulator: twoCores },
      kernels: ['shared-partial-sums-40'],
    },
  ];
  for (const { target, kernels } of cases) {
    const isMissing = !(await isInstalled(target));
    for (const kernel of KERNELS.filter(({ id }) => kernels.includes(id))) {
      it.skipIf(isMissing)(`${kernel.id}, on ${target.name}`, async () => {
        expect(await check(kernel, target, { rowsMultiple: 8, cores: 2 })).toBe(allRight(MATRICES));
      });
    }
  }
});
