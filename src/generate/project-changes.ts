import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { hashOf, MANIFEST_FILE, readManifest } from './project-manifest.js';

/** What a person did to a generated project, as sorted paths below its folder. */
export interface ProjectChanges {
  /** Generated files whose content is another now. */
  edited: string[];
  /** Files and links that were not generated. */
  added: string[];
}

/** Projects of versions before the manifest are known by this file. */
const SIGN_OF_AN_OLD_PROJECT = 'src/model/flashlm_model.h';

/** What compiling and checking a project adds to it, ours and the vendors' tools'; made again each time. */
const MADE_BY_A_BUILD = new Set([
  ...['build', 'build.log', 'build-report.json', 'build-report.txt', 'emulator.elf'],
  ...['firmware.bin', 'firmware.elf', 'firmware.uf2', 'firmware.hex'],
  ...['.pio', '.cache', 'managed_components', 'dependencies.lock', 'sdkconfig.old'],
]);
/** A person's, but no reason to ask: kept where they are. */
const ALWAYS_KEPT = new Set(['.git', '.gitignore', '.vscode']);
/** Settings of ESP-IDF's menuconfig: kept for the same chip, of no use for another. */
const SETTINGS_OF_A_BOARD = 'sdkconfig';
const MOST_NAMES = 5;

/** What is to become of a folder that a project is written to. */
export interface ReplaceRequest {
  /** Absolute path. */
  directory: string;
  /** Id of the board of the new project. */
  board: string;
  /** Overwrite what a person edited, and keep what a person added. */
  force: boolean;
}

/**
 * Refuses a folder whose content would be lost: anything but a generated project, and a project that holds changes,
 * unless they are to be overwritten.
 *
 * @returns what of the folder has to be kept: paths below it; files, links and whole folders
 * @throws FlashlmError `bad-argument`, naming the changes; `write-failed` where the folder cannot even be read
 */
export async function requireReplaceable(request: ReplaceRequest): Promise<string[]> {
  try {
    return await whatIsKept(request);
  } catch (cause) {
    throw cause instanceof FlashlmError ? cause : writeFailure(request.directory, cause);
  }
}

/** What to say when the disk refuses. */
export function writeFailure(directory: string, cause: unknown): FlashlmError {
  return new FlashlmError(
    'write-failed',
    `The project could not be written to ${directory}: ${cause instanceof Error ? cause.message : cause}.`,
    'Make room or choose another folder with --out.',
    { cause },
  );
}

async function whatIsKept({ directory, board, force }: ReplaceRequest): Promise<string[]> {
  const names = (await readdir(directory).catch(ignoreMissing)) ?? [];
  if (names.length === 0) return [];
  const manifest = await readManifest(directory);
  if (manifest === null) {
    await requireOldProject(directory, force);
  }
  const keptSettings = manifest?.board === board ? [SETTINGS_OF_A_BOARD] : [];
  const kept = names.filter((name) => ALWAYS_KEPT.has(name) || keptSettings.includes(name));
  const ignored = new Set([...kept, SETTINGS_OF_A_BOARD, MANIFEST_FILE]);
  const changes = await findChanges(directory, manifest?.files ?? {}, ignored);
  const { edited, added } = changes;
  if (!force && edited.length + added.length > 0) throw refusal(directory, changes);
  // Without a manifest nobody knows whose the files are: only what the new project does not have is kept.
  return [...kept, ...added];
}

async function requireOldProject(directory: string, force: boolean): Promise<void> {
  const sign = path.join(directory, SIGN_OF_AN_OLD_PROJECT);
  const isProject = (await readFile(sign).catch(() => null)) !== null;
  if (!isProject) {
    throw new FlashlmError(
      'bad-argument',
      `The folder ${directory} is not empty and holds no firmware project.`,
      'Choose a new folder with --out.',
    );
  }
  if (!force) {
    throw new FlashlmError(
      'bad-argument',
      `The project in ${directory} has no ${MANIFEST_FILE}, so what was changed in it is not known.`,
      'Choose another folder with --out, or overwrite it with --force.',
    );
  }
}

async function findChanges(
  directory: string,
  hashes: Record<string, string>,
  ignored: Set<string>,
): Promise<ProjectChanges> {
  const changes: ProjectChanges = { edited: [], added: [] };
  for (const file of await namesBelow(directory, ignored)) {
    if (hashes[file] === undefined) {
      changes.added.push(file);
    } else if (hashOf(await readFile(path.join(directory, file))) !== hashes[file]) {
      changes.edited.push(file);
    }
  }
  return changes;
}

/** Files and links in a folder and those in it, with forward slashes, sorted; but not what a build made. */
async function namesBelow(directory: string, ignored: Set<string>): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      path.relative(directory, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'),
    )
    .filter((name) => {
      const [top] = name.split('/');
      return !MADE_BY_A_BUILD.has(top) && !ignored.has(top);
    })
    .sort();
}

function refusal(directory: string, { edited, added }: ProjectChanges): FlashlmError {
  const what = [describe(edited, 'was edited', 'were edited'), describe(added, 'was added', 'were added')];
  return new FlashlmError(
    'bad-argument',
    `The project in ${directory} holds changes of yours: ${what.filter((text) => text !== '').join('; ')}.`,
    'Choose another folder with --out, or --force: it overwrites what was edited and keeps what was added.',
  );
}

function describe(names: string[], one: string, several: string): string {
  if (names.length === 0) return '';
  const more = names.length - MOST_NAMES;
  const listed = names.slice(0, MOST_NAMES).join(', ');
  return `${listed}${more > 0 ? ` and ${more} more` : ''} ${names.length === 1 ? one : several}`;
}

function ignoreMissing(problem: unknown): undefined {
  if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return undefined;
  throw problem;
}
