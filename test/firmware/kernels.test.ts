import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KERNELS } from '../../src/generate/kernels.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel } from '../integer/random-model.js';
import { buildFirmware, isInstalled, makeWorkspace, replaceMain, runFirmware, TARGETS } from './workspace.js';

const workspace = await makeWorkspace();
const CHECK = fileURLToPath(new URL('kernel_check.c', import.meta.url));

/** Models whose row counts have these common divisors; the kernels are unrolled by them. */
const UNROLLINGS = [
  { rowsMultiple: 8, dimension: 8, hidden: 8 },
  { rowsMultiple: 4, dimension: 4, hidden: 6 },
  { rowsMultiple: 2, dimension: 6, hidden: 9 },
  { rowsMultiple: 1, dimension: 5, hidden: 9 },
];

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
            compilerFlags: [`-DROWS_MULTIPLE=${rowsMultiple}`],
            patch: (folder) => replaceMain(folder, CHECK),
          });
          expect(await runFirmware(elf, target, '')).toBe('done\r\n');
        });
      }
    }
  }
});
