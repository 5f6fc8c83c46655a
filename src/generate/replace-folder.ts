import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import type { ProjectFile } from './project-file.js';

/** A file that every generated project has: a folder with it may be replaced. */
const SIGN_OF_A_PROJECT = 'src/model/flashlm_model.h';

/** What compiling and checking a project adds to it; made again each time. */
const MADE_BY_A_BUILD = [
  'build',
  'build.log',
  'build-report.json',
  'build-report.txt',
  'emulator.elf',
  'firmware.bin',
  'firmware.elf',
  'firmware.uf2',
];

/**
 * Writes a folder of files beside its final place and moves it there when it is complete, so that nothing
 * half-written is ever seen. A folder that holds anything but an earlier project is left alone.
 *
 * @param directory absolute path
 * @throws FlashlmError `bad-argument` if the folder holds something else, `write-failed` if the disk refuses
 */
export async function replaceFolder(directory: string, files: ProjectFile[]): Promise<void> {
  const parent = path.dirname(directory);
  let temporary: string | null = null;
  try {
    await checkReplaceable(directory, files);
    await mkdir(parent, { recursive: true });
    temporary = await mkdtemp(path.join(parent, `.${path.basename(directory)}-`));
    const complete = path.join(temporary, 'new');
    await writeFiles(complete, files);
    await rename(directory, path.join(temporary, 'old')).catch(ignoreMissing);
    await rename(complete, directory);
  } catch (cause) {
    if (cause instanceof FlashlmError) {
      throw cause;
    }
    throw new FlashlmError(
      'write-failed',
      `The project could not be written to ${directory}: ${cause instanceof Error ? cause.message : cause}.`,
      'Make room or choose another folder with --out.',
      { cause },
    );
  } finally {
    if (temporary !== null) {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}

async function checkReplaceable(directory: string, files: ProjectFile[]): Promise<void> {
  const names = (await readdir(directory).catch(ignoreMissing)) ?? [];
  if (names.length === 0) {
    return;
  }
  const sign = path.join(directory, SIGN_OF_A_PROJECT);
  const neighbours: string[] = await readdir(path.dirname(sign)).catch(() => []);
  if (!neighbours.includes(path.basename(sign))) {
    throw new FlashlmError(
      'bad-argument',
      `The folder ${directory} is not empty and holds no firmware project.`,
      'Choose a new folder with --out.',
    );
  }
  const own = new Set([...files.map((file) => file.path.split('/')[0]), ...MADE_BY_A_BUILD]);
  const foreign = names.filter((name) => !own.has(name));
  if (foreign.length > 0) {
    throw new FlashlmError(
      'bad-argument',
      `The folder ${directory} also holds ${foreign.join(', ')}, which would be lost.`,
      'Move that elsewhere, or choose another folder with --out.',
    );
  }
}

async function writeFiles(directory: string, files: ProjectFile[]): Promise<void> {
  for (const file of files) {
    const target = path.join(directory, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.content);
  }
}

function ignoreMissing(problem: unknown): undefined {
  if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') {
    return undefined;
  }
  throw problem;
}
