import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Board } from '../boards/board.js';
import { make } from '../compile/make.js';
import {
  compilerOf,
  findToolchain,
  requireProgram,
  requireToolchain,
  type Toolchain,
} from '../compile/toolchains.js';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { generateProject } from '../generate/project.js';
import { type Emulator, findEmulator } from './emulators.js';

/** Firmware that runs on an emulator of a board. */
export interface EmulatorFirmware {
  emulator: Emulator;
  /** Absolute path of the ELF file. */
  elfFile: string;
}

export const EMULATOR_ELF = 'emulator.elf';

/** What the sources of a project come from. */
const SOURCES = [
  path.join(PACKAGE_ROOT, 'firmware'),
  path.join(PACKAGE_ROOT, 'templates'),
  fileURLToPath(new URL('../generate/', import.meta.url)),
];

/**
 * The firmware of an image, compiled for a board's emulator. It is kept in the cache folder and made again only when
 * image, board, compiler options, firmware sources or their generator have changed.
 *
 * @throws FlashlmError missing-tool (compiler or emulator), compile-failed
 */
export async function emulatorFirmware(image: Uint8Array, board: Board): Promise<EmulatorFirmware> {
  const emulator = findEmulator(board.emulator);
  const toolchain = findToolchain(board.toolchain);
  await requireEmulator(emulator);
  const folder = path.join(cacheDirectory(), 'firmware');
  const elfFile = path.join(folder, `${board.id}-${await cacheKey(image, board, toolchain)}.elf`);
  if ((await stat(elfFile).catch(() => null)) === null) {
    await requireToolchain(toolchain);
    await makeCacheFolder(folder);
    // Each run builds in a folder of its own, so that runs at the same time never see each other's unfinished files.
    const workFolder = await mkdtemp(path.join(folder, 'building-'));
    await rename(await compile(image, board, toolchain, emulator, workFolder), elfFile);
    await rm(workFolder, { recursive: true });
  }
  return { emulator, elfFile };
}

/** @returns path of the ELF file. Where compiling fails the folder stays, with the log that the error names. */
async function compile(
  image: Uint8Array,
  board: Board,
  toolchain: Toolchain,
  emulator: Emulator,
  workFolder: string,
): Promise<string> {
  const { directory } = await generateProject({
    image,
    // The port of the chip plays no part on its emulator, and a chip that is only built by its vendor's tools has none.
    board: { ...board, port: emulator.port },
    framework: 'bare',
    directory: path.join(workFolder, board.id),
    toolchain,
    emulatorPort: emulator.port,
  });
  await make(directory, 'emulator');
  return path.join(directory, EMULATOR_ELF);
}

/** @throws FlashlmError missing-tool where the emulator is a program that is not installed */
export async function requireEmulator({ program }: Emulator): Promise<void> {
  if (program !== null) await requireProgram(program.name, program.debianPackage);
}

/** Everything that the compiled firmware depends on, hashed. */
async function cacheKey(image: Uint8Array, board: Board, toolchain: Toolchain): Promise<string> {
  const hash = createHash('sha256');
  hash.update(image).update(JSON.stringify(board));
  hash.update(compilerOf(toolchain)).update(JSON.stringify(toolchain.flags));
  for (const folder of SOURCES) {
    for (const file of await filesBelow(folder)) {
      hash.update(path.relative(PACKAGE_ROOT, file)).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
