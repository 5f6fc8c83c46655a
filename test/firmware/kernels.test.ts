import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KERNELS } from '../../src/generate/kernels.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel } from '../integer/random-model.js';
import { buildFirmware, isInstalled, makeWorkspace, runFirmware, TARGETS } from './workspace.js';

const workspace = await makeWorkspace();

/** Models whose row counts have these common divisors; the kernels are unrolled by them. */
const UNROLLINGS = [
  { rowsMultiple: 4, dimension: 8, hidden: 8 },
  { rowsMultiple: 2, dimension: 6, hidden: 9 },
  { rowsMultiple: 1, dimension: 5, hidden: 9 },
];

/** Puts the check in the place of the console's program. */
async function useCheck(directory: string, rowsMultiple: number): Promise<void> {
  const folder = path.join(directory, 'src', 'ports', 'check');
  await mkdir(folder);
  const check = path.join(folder, 'kernel_check.c');
  await copyFile(fileURLToPath(new URL('kernel_check.c', import.meta.url)), check);
  const makefile = path.join(directory, 'Makefile');
  const text = await readFile(makefile, 'utf8');
  await writeFile(
    makefile,
    text
      .replace(/src\/ports\/(?:host|support)\/main\.c/, 'src/ports/check/kernel_check.c')
      .replace(/^CFLAGS = /m, `CFLAGS = -DROWS_MULTIPLE=${rowsMultiple} `),
  );
}

describe('a kernel adds up what the weights say', async () => {
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    for (const kernel of KERNELS) {
      for (const { rowsMultiple, dimension, hidden } of UNROLLINGS) {
        it.skipIf(isMissing)(`${kernel.id}, rows by ${rowsMultiple}, on ${target.name}`, async () => {
          const config = { vocabulary: 257, dimension, hidden, blocks: 1, kernel: 2 };
          const directory = path.join(workspace, `${target.toolchain}-${kernel.id}-${rowsMultiple}`);
          const elf = await buildFirmware(directory, writeImage(makeRandomModel(config, 1)), target, {
            kernel: kernel.id,
            patch: (folder) => useCheck(folder, rowsMultiple),
          });
          expect(await runFirmware(elf, target, '')).toBe('done\r\n');
        });
      }
    }
  }
});
