import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Board, Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { fullDiskFailure } from '../compile/build-log.js';
import { make } from '../compile/make.js';
import {
  compilerOf,
  findToolchain,
  requireProgram,
  requireToolchain,
  type Toolchain,
} from '../compile/toolchains.js';
import { FlashlmError } from '../errors.js';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import { filesBelow } from '../files/files-below.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { generateProject } from '../generate/project.js';
import { parseHeader } from '../image/header.js';
import { checkFit } from '../report/fit.js';
import { freeRamForWeights } from '../report/free-ram.js';
import { kernelFor } from '../report/kernel-choice.js';
import { compileHelper } from './compiled-helper.js';
import { type Emulator, findEmulator } from './emulators.js';

/** Firmware that runs on an emulator of a board. */
export interface EmulatorFirmware {
  emulator: Emulator;
  /** Path of the ELF file, or of what else the emulator runs. */
  elfFile: string;
  /** Path of the ELF file with its symbols, where that is another one. */
  symbolsFile?: string;
}

export const EMULATOR_ELF = 'emulator.elf';

/** What the sources of a project come from. */
const SOURCES = [
  path.join(PACKAGE_ROOT, 'firmware'),
  path.join(PACKAGE_ROOT, 'templates'),
  fileURLToPath(new URL('../generate/', import.meta.url)),
];

/** How firmware uses its board. */
export interface FirmwareOptions {
  /** Packaging whose RAM decides on the kernel; by default the board's. */
  framework?: Framework;
  /** RAM for copies of weights; by default what the board has free for them. */
  stagingRamBytes?: number;
  /** That share each product, where an emulator has as many; one by default. */
  wantedCores?: CoreCount;
}

/**
 * The firmware of an image, compiled for a board's emulator. It is kept in the cache folder and made again only when
 * image, board, compiler options, firmware sources or their generator have changed.
 *
 * @throws FlashlmError missing-tool (compiler or emulator), compile-failed, write-failed
 */
export async function emulatorFirmware(
  image: Uint8Array,
  board: Board,
  options: FirmwareOptions = {},
): Promise<EmulatorFirmware> {
  const { framework = board.defaultFramework, wantedCores = 1 } = options;
  const stagingRamBytes = options.stagingRamBytes ?? freeRamForWeights(image, board, framework);
  const kernel = kernelFor(parseHeader(image).config, board, framework).id;
  const { emulator, cores } = emulatorFor(board, wantedCores);
  const toolchain = findToolchain(board.toolchain);
  await requireEmulator(emulator);
  const folder = path.join(cacheDirectory(), 'firmware');
  const key = await cacheKey(image, board, toolchain, `${stagingRamBytes} ${cores} ${kernel}`);
  const elfFile = path.join(folder, `${board.id}-${key}.elf`);
  if ((await stat(elfFile).catch(() => null)) === null) {
    await requireToolchain(toolchain);
    await makeCacheFolder(folder);
    // Each run builds in a folder of its own, so that runs at the same time never see each other's unfinished files.
    const workFolder = await mkdtemp(path.join(folder, 'building-'));
    await rename(
      await compile({ image, board, toolchain, emulator, stagingRamBytes, cores, kernel }, workFolder),
      elfFile,
    );
    await rm(workFolder, { recursive: true });
  }
  return { emulator, elfFile };
}

/** Whether a board's emulator holds an image: most have more memory than any model needs. */
export function emulatorHolds(image: Uint8Array, board: Board): boolean {
  return findEmulator(board.emulator).hasMemoriesOfChip !== true || checkFit(image, board, 'bare').fits;
}

/** What runs a board's code on so many cores; on one, where no emulator has two of them. */
export function emulatorFor(
  { emulator, secondCore }: Board,
  wantedCores: CoreCount,
): { emulator: Emulator; cores: CoreCount } {
  return wantedCores === 2 && secondCore?.emulator !== undefined
    ? { emulator: findEmulator(secondCore.emulator), cores: 2 }
    : { emulator: findEmulator(emulator), cores: 1 };
}

interface CompileRequest {
  image: Uint8Array;
  board: Board;
  toolchain: Toolchain;
  emulator: Emulator;
  stagingRamBytes: number;
  cores: CoreCount;
  kernel: string;
}

/** @returns path of the ELF file. Where compiling fails the folder stays, with the log that the error names. */
async function compile(
  { image, board, toolchain, emulator, ...request }: CompileRequest,
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
    ...request,
  });
  await make(directory, 'emulator');
  return path.join(directory, EMULATOR_ELF);
}

/**
 * @throws FlashlmError missing-tool where the emulator is a program that is not installed, or cannot be compiled;
 *   write-failed where the disk of the cache is full
 */
export async function requireEmulator({ program }: Emulator): Promise<void> {
  if (program === null) return;
  if (program.compiled === undefined) {
    await requireProgram(program.name, program.debianPackage);
    return;
  }
  const compiled = await compileHelper(program.compiled);
  if ('file' in compiled) return;
  const fullDisk = fullDiskFailure(cacheDirectory(), compiled.complaint);
  if (fullDisk !== null) throw fullDisk;
  throw new FlashlmError(
    'missing-tool',
    `${program.name} cannot be used here: ${compiled.complaint.split('\n')[0]}.`,
    `On Debian: apt-get install ${program.debianPackage}.`,
  );
}

/** Everything that the compiled firmware depends on, hashed. */
async function cacheKey(
  image: Uint8Array,
  board: Board,
  toolchain: Toolchain,
  variant: string,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(image).update(JSON.stringify(board)).update(variant);
  hash.update(compilerOf(toolchain)).update(JSON.stringify(toolchain.flags));
  for (const folder of SOURCES) {
    for (const file of await filesBelow(folder)) {
      hash.update(path.relative(PACKAGE_ROOT, file)).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
