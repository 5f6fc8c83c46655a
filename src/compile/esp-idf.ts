import { stat } from 'node:fs/promises';
import path from 'node:path';
import { runVendorTool } from './vendor-run.js';

/** What idf.py says when the program is larger than its partition, or a segment of memory too small. */
const TOO_BIG = /partitions? (?:is|are) too small for binary|overflowed by \d+ bytes/;

/**
 * Builds a project with idf.py, whose environment (export.sh) has to be there; the output goes to build.log.
 *
 * @param files below the folder, which are flashed: those of flash-segments.json
 * @returns paths of those that are there
 * @throws FlashlmError compile-failed; does-not-fit if the program is too large for its partition
 */
export async function compileWithEspIdf(directory: string, files: string[]): Promise<string[]> {
  await runVendorTool({ program: 'idf.py', words: ['-C', directory, 'build'], directory, tooBig: TOO_BIG });
  const paths = files.map((file) => path.join(directory, file));
  const found = await Promise.all(paths.map((file) => stat(file).catch(() => null)));
  return paths.filter((_, index) => found[index] !== null);
}
