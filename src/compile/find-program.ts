import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

/** Path of a program in PATH; null where there is none. */
export function findProgram(name: string): Promise<string | null> {
  return findProgramIn((process.env.PATH ?? '').split(path.delimiter), name);
}

/** Path of a program in the first of these folders that has it; null where none has. */
export async function findProgramIn(folders: string[], name: string): Promise<string | null> {
  for (const folder of folders) {
    const candidate = path.join(folder, name);
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && usable) return candidate;
  }
  return null;
}
