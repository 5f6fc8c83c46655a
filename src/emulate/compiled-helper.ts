import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import { PACKAGE_ROOT } from '../files/package-root.js';

/** A program or library in C that helps an emulator, compiled for this computer on first use. */
export interface CompiledHelper {
  /** File in src/emulate, without `.c`. */
  source: string;
  /** Options of gcc before the source, and libraries after it. */
  flags: string[];
  libraries: string[];
  /** That comes with the libraries, below the compiler's folders; left out where there are none. */
  header?: string;
}

/** Where Debian's packages leave headers. */
const HEADERS = '/usr/include';

/** Path of the header that it needs; null if that is not installed. */
export async function helperHeader({ header = 'stdio.h' }: CompiledHelper): Promise<string | null> {
  const file = path.join(HEADERS, header);
  return (await stat(file).catch(() => null)) === null ? null : file;
}

/** Where it lies once it has been compiled: another version has another place. */
export function helperPath({ source }: CompiledHelper): string {
  const key = createHash('sha256')
    .update(readFileSync(sourceFile(source)))
    .digest('hex')
    .slice(0, 16);
  return path.join(cacheDirectory(), `${source.replaceAll('_', '-')}-${key}`);
}

/**
 * Compiles it unless that has been done.
 * @returns its path, or what the compiler said where it cannot be made
 */
export async function compileHelper(
  helper: CompiledHelper,
): Promise<{ file: string } | { complaint: string }> {
  const file = helperPath(helper);
  if ((await stat(file).catch(() => null)) !== null) return { file };
  await makeCacheFolder(path.dirname(file));
  const temporary = `${file}.${process.pid}.part`;
  const words = ['-std=c99', '-O2', ...helper.flags, '-o', temporary, sourceFile(helper.source)];
  const { exitCode, stderr, originalMessage } = await execa('gcc', [...words, ...helper.libraries], {
    reject: false,
  });
  if (exitCode === 0) {
    await rename(temporary, file);
    return { file };
  }
  await rm(temporary, { force: true });
  return { complaint: stderr || (originalMessage ?? '') };
}

/** One place, for src/ and dist/ alike. */
function sourceFile(source: string): string {
  return path.join(PACKAGE_ROOT, 'src', 'emulate', `${source}.c`);
}
