import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { type ReplaceRequest, requireReplaceable, writeFailure } from './project-changes.js';
import type { ProjectFile } from './project-file.js';

/**
 * Writes a folder of files beside its final place and moves it there when it is complete, so that nothing
 * half-written is ever seen. What project-changes.ts says is a person's stays, or the folder is left alone.
 *
 * @throws FlashlmError `bad-argument` if the folder holds something else, `write-failed` if the disk refuses
 */
export async function replaceFolder(request: ReplaceRequest, files: ProjectFile[]): Promise<void> {
  const { directory } = request;
  const parent = path.dirname(directory);
  let temporary: string | null = null;
  try {
    const kept = await requireReplaceable(request);
    await mkdir(parent, { recursive: true });
    temporary = await mkdtemp(path.join(parent, `.${path.basename(directory)}-`));
    const complete = path.join(temporary, 'new');
    await copyKept(directory, kept, complete);
    await writeFiles(complete, files);
    await swap(directory, complete, path.join(temporary, 'old'));
  } catch (cause) {
    throw cause instanceof FlashlmError ? cause : writeFailure(directory, cause);
  } finally {
    if (temporary !== null) {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}

/** Moves the new folder to its place, and the one that was there away; the old one comes back if that fails. */
async function swap(directory: string, complete: string, old: string): Promise<void> {
  await rename(directory, old).catch(ignoreMissing);
  try {
    await rename(complete, directory);
  } catch (problem) {
    await rename(old, directory).catch(ignoreMissing);
    throw problem;
  }
}

async function copyKept(from: string, names: string[], to: string): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(to, name)), { recursive: true });
    await cp(path.join(from, name), path.join(to, name), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
  }
}

/** Generated files win over kept ones of the same name. */
async function writeFiles(directory: string, files: ProjectFile[]): Promise<void> {
  for (const file of files) {
    const target = path.join(directory, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await rm(target, { force: true });
    await writeFile(target, file.content);
  }
}

function ignoreMissing(problem: unknown): undefined {
  if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') {
    return undefined;
  }
  throw problem;
}
