import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_ROOT } from '../files/package-root.js';
import type { ProjectFile } from './project-file.js';

/** Copies of the hand-written sources: core and console, and these files of firmware/ports. */
export async function firmwareSources(portFiles: string[]): Promise<ProjectFile[]> {
  const shared = (await Promise.all(['core', 'console'].map(sourcesIn))).flat();
  const names = [...shared, 'ports/port.h', ...portFiles.map((file) => `ports/${file}`)];
  return Promise.all(
    [...new Set(names)].map(async (name) => ({
      path: `src/${name}`,
      content: await readFile(path.join(PACKAGE_ROOT, 'firmware', name), 'utf8'),
    })),
  );
}

async function sourcesIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(PACKAGE_ROOT, 'firmware', folder));
  return names
    .filter((name) => /\.[ch]$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}
