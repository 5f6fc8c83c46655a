import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FRAMEWORKS } from '../boards/board.js';
import type { ProjectFile } from './project-file.js';

/** At the top of every project: what was generated, so that a later call can tell a person's changes from its own files. */
export const MANIFEST_FILE = 'flashlm-project.json';

const manifestSchema = z.object({
  board: z.string(),
  framework: z.enum(FRAMEWORKS),
  model: z.object({ name: z.string(), fingerprint: z.string() }),
  /** SHA-256 of every other generated file, by its path below the project's folder. */
  files: z.record(z.string(), z.string()),
});

export type ProjectManifest = z.infer<typeof manifestSchema>;

/** The manifest of files as one more file. */
export function manifestFile(about: Omit<ProjectManifest, 'files'>, files: ProjectFile[]): ProjectFile {
  const hashes = files.map(({ path, content }) => [path, hashOf(content)]).sort();
  const manifest: ProjectManifest = { ...about, files: Object.fromEntries(hashes) };
  return { path: MANIFEST_FILE, content: `${JSON.stringify(manifest, null, 2)}\n` };
}

/** The manifest of a folder; null where there is none that can be read. */
export async function readManifest(directory: string): Promise<ProjectManifest | null> {
  try {
    const text = await readFile(path.join(directory, MANIFEST_FILE), 'utf8');
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** SHA-256 in hexadecimal. */
export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
