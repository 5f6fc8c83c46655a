import { strToU8, zipSync } from 'fflate';
import type { ProjectFile } from './project-file.js';

/** The earliest time that the format knows: no date, so that the same files give the same bytes. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * A zip archive of files. The same files give the same bytes.
 *
 * @param folder that they lie in, in the archive
 */
export function zipOf(folder: string, files: ProjectFile[]): Uint8Array {
  const entries = files.map(({ path, content }) => [
    `${folder}/${path}`,
    typeof content === 'string' ? strToU8(content) : content,
  ]);
  return zipSync(Object.fromEntries(entries), { mtime: NO_TIME });
}
