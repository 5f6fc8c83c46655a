import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

/** Path of a program in PATH; null where there is none. */
export async function findProgram(name: string): Promise<string | null> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, name);
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && usable) return candidate;
  }
  return null;
}
