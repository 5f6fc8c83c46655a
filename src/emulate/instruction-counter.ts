import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { findProgram } from '../compile/find-program.js';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import { PACKAGE_ROOT } from '../files/package-root.js';

/** Source of the plugin; one place, for src/ and dist/ alike. */
const SOURCE = path.join(PACKAGE_ROOT, 'src', 'emulate', 'instruction_counter.c');

/**
 * The QEMU plugin that counts instructions, compiled for this computer on first use. It fits every version of QEMU.
 * @returns its path; null where no C compiler can make it, so that nothing can be counted
 */
export async function instructionCounter(): Promise<string | null> {
  const key = createHash('sha256')
    .update(await readFile(SOURCE))
    .digest('hex')
    .slice(0, 16);
  const library = path.join(cacheDirectory(), `instruction-counter-${key}.so`);
  if (await stat(library).catch(() => null)) return library;
  if ((await findProgram('gcc')) === null) return null;
  await makeCacheFolder(path.dirname(library));
  const temporary = `${library}.${process.pid}.part`;
  const flags = ['-std=c99', '-O2', '-shared', '-fPIC'];
  const { exitCode } = await execa('gcc', [...flags, '-o', temporary, SOURCE], { reject: false });
  if (exitCode === 0) {
    await rename(temporary, library);
    return library;
  }
  await rm(temporary, { force: true });
  return null;
}
