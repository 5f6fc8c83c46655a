import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { findProgram } from '../compile/find-program.js';
import { cacheDirectory } from './cache.js';

/** Source of the plugin; one place, for src/ and dist/ alike. */
const SOURCE = fileURLToPath(new URL('../../src/emulate/instruction_counter.c', import.meta.url));

/**
 * The QEMU plugin that counts instructions, compiled for this computer on first use.
 * @returns its path; null where no C compiler is installed, so that nothing can be counted
 */
export async function instructionCounter(): Promise<string | null> {
  if ((await findProgram('gcc')) === null) return null;
  const source = await readFile(SOURCE);
  const key = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const library = path.join(cacheDirectory(), `instruction-counter-${key}.so`);
  if (await stat(library).catch(() => null)) return library;
  await mkdir(path.dirname(library), { recursive: true });
  const temporary = `${library}.${process.pid}.part`;
  await execa('gcc', ['-std=c99', '-O2', '-shared', '-fPIC', '-o', temporary, SOURCE]);
  await rename(temporary, library);
  return library;
}
