import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KERNELS, type Kernel, renderKernel } from '../../src/generate/kernels.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel } from '../integer/random-model.js';
import {
  buildFirmware,
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

/** Models whose row counts have these common divisors; the kernels are unrolled by them. */
const UNROLLINGS = [
  { rowsMultiple: 8, dimension: 8, hidden: 8 },
  { rowsMultiple: 4, dimension: 4, hidden: 6 },
  { rowsMultiple: 2, dimension: 6, hidden: 9 },
  { rowsMultiple: 1, dimension: 5, hidden: 9 },
];

/** The smallest that a board may have. */
const PAGE_BYTES = 256;

/** @returns what kernel_check.c prints */
async function check(
  kernel: Kernel,
  { rowsMultiple, dimension, hidden }: (typeof UNROLLINGS)[number],
  target: Target,
  pageBytes?: number,
): Promise<string> {
  const config = { vocabulary: 257, dimension, hidden, blocks: 1, kernel: 2 };
  const name = [target.toolchain, kernel.id, rowsMultiple, pageBytes ?? 'mapped'].join('-');
  const elf = await buildFirmware(
    path.join(workspace, name),
    writeImage(makeRandomModel(config, 1)),
    target,
    {
      kernel: kernel.id,
      pageBytes,
      compilerFlags: [`-DROWS_MULTIPLE=${rowsMultiple}`],
      patch: async (folder) => {
        const rows = ROW_COUNTS.map((count) => count * rowsMultiple);
        const sizes = { rows, columns: COLUMN_COUNTS };
        const source = await renderKernel(kernel, sizes, 'Test.', { paged: pageBytes !== undefined });
        await writeFile(path.join(folder, 'src', 'model', 'flashlm_kernel.c'), source);
        await replaceMain(folder, CHECK);
        if (pageBytes !== undefined) await leaveImageOut(folder);
      },
    },
  );
  return runFirmware(elf, target, '');
}

/** What reads the image, which kernel_check.c does with the matrix instead. */
async function leaveImageOut(folder: string): Promise<void> {
  const makefile = path.join(folder, 'Makefile');
  const text = await readFile(makefile, 'utf8');
  const without = text.replace('src/ports/support/linked_image.c', '');
  expect(without).not.toBe(text);
  await writeFile(makefile, without);
}

describe('a kernel adds up what the weights say', async () => {
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    for (const kernel of KERNELS) {
      for (const unrolling of UNROLLINGS) {
        it.skipIf(isMissing)(
          `${kernel.id}, rows by ${unrolling.rowsMultiple}, on ${target.name}`,
          async () => {
            expect(await check(kernel, unrolling, target)).toBe('done\r\n');
          },
        );
      }
    }
    for (const kernel of KERNELS.filter(({ pageable }) => pageable)) {
      it.skipIf(isMissing)(
        `${kernel.id}, with weights read a page at a time, on ${target.name}`,
        async () => {
          expect(await check(kernel, UNROLLINGS[2], target, PAGE_BYTES)).toBe('done\r\n');
        },
      );
    }
  }
});
