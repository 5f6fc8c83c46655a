import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Board, Framework } from '../boards/board.js';
import { type CoreCount, coresFor } from '../boards/cores.js';
import { requireFramework } from '../boards/frameworks.js';
import { findBoard } from '../boards/load.js';
import { findProgram } from '../compile/find-program.js';
import { make } from '../compile/make.js';
import { readMemoryUse } from '../compile/memory-use.js';
import { compilerOf, findToolchain, requireToolchain } from '../compile/toolchains.js';
import { findVendorTool, howToCompile, type VendorTool } from '../compile/vendor-tools.js';
import { findChipEmulator } from '../emulate/chip-emulators.js';
import {
  EMULATOR_ELF,
  type EmulatorFirmware,
  emulatorFirmware,
  emulatorFor,
  requireEmulator,
} from '../emulate/emulator-firmware.js';
import { MEASURED_STORIES, measureTokenCost, type TokenCost } from '../emulate/token-cost.js';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { generateProject, type Project } from '../generate/project.js';
import { requireReplaceable } from '../generate/project-changes.js';
import { uf2Of } from '../generate/uf2.js';
import { readImage } from '../image/read.js';
import type { IntegerModel } from '../integer/model.js';
import { checkParity, type ParityReport } from '../parity/parity.js';
import { CHIP_PARITY_STORIES, PARITY_STORIES } from '../parity/prompts.js';
import { requireFit } from '../report/fit.js';
import {
  type FirmwarePlace,
  linkedMemory,
  type MemoryReports,
  plannedMemory,
} from '../report/memory-report.js';
import { bytesPerToken, estimateSpeed, weightSourceOf } from '../report/speed.js';
import { chooseStagedWeights } from '../report/staged-weights.js';
import type { BuildReport } from './build-report.js';
import { formatReport } from './format-report.js';
import { knownCost } from './known-cost.js';

export interface BuildRequest {
  board: Board;
  /** The bytes of model.flm. */
  image: Uint8Array;
  framework: Framework;
  /** Folder of the project. */
  directory: string;
  /** Fail where this computer cannot make the binary. */
  requireBinary: boolean;
  /** Overwrite what a person edited in an earlier project there. */
  force?: boolean;
  /** Cores that share each product; left out: as many as the board can use. */
  cores?: CoreCount;
  /** @param share 0..1 of the whole build */
  onProgress?: (share: number, doing: string) => void;
}

/** Board whose firmware is a program of this computer. */
const HOST_BOARD = 'host';

/**
 * From an image to a checked firmware project: fits it, generates it, compiles it, holds it against the reference on
 * the board's emulator and counts its instructions. The report also lies in the project, as JSON and as text.
 *
 * @throws FlashlmError does-not-fit, missing-tool, compile-failed, emulator-failed, bad-image, write-failed. A parity
 *   that is broken is no error here: the report says so.
 */
export async function buildFirmware(request: BuildRequest): Promise<BuildReport> {
  const { board, image, framework, onProgress = () => undefined } = request;
  const model = readImage(image);
  requireFramework(board, framework);
  requireFit(image, board, framework);
  const cores = coresFor(board, request.cores);
  await requireEmulator(emulatorFor(board, cores).emulator);
  // Asked here, too, because compiling for the emulator takes a while.
  const { directory, force = false } = request;
  await requireReplaceable({ directory: path.resolve(directory), board: board.id, force });

  onProgress(0.05, 'generating and compiling');
  const cost = await knownCost(image, board);
  const stagingRamBytes = chooseStagedWeights({ image, board, framework, cores, cost }).bytes;
  const built =
    framework === 'bare'
      ? await buildBare(request, cores, stagingRamBytes)
      : await buildWithVendorTool(request, framework, cores, stagingRamBytes);
  onProgress(0.4, `running it: ${built.firmware.emulator.description}`);
  const parity = await checkParity(model, built.firmware, PARITY_STORIES, (share) =>
    onProgress(0.4 + 0.3 * share, 'comparing every logit with the reference'),
  );
  onProgress(0.7, 'comparing the file for flash on an emulated chip');
  const chipParity = await checkChipParity(model, board, built.artifacts);
  onProgress(0.8, 'comparing the same sources on this computer');
  const hostParity = await checkHostParity(model, image, board, parity);
  onProgress(0.9, 'counting instructions');
  const greedy = await measureTokenCost(built.firmware, MEASURED_STORIES.greedy);
  const sampledCost = await measureTokenCost(built.firmware, MEASURED_STORIES.sampled);
  const sampled = costOf(image, sampledCost);
  const emulatedCores = emulatorFor(board, cores).cores;
  const source = weightSourceOf(board, framework, image.length);
  const work = { ...sampled, cores: emulatedCores };
  const report: BuildReport = {
    board: board.id,
    model: model.name,
    framework,
    project: request.directory,
    artifacts: built.artifacts,
    kernel: built.project.kernel,
    cores,
    emulatedCores,
    flash: built.flash,
    ram: built.ram,
    stackUsed: framework === 'bare' ? greedy.stackBytes : null,
    ...costOf(image, greedy),
    sampled,
    instructionsOfCores: sampledCost.ofCores,
    stagedBytes: built.project.stagedBytes,
    estimate: estimateSpeed(board, source, { ...work, stagedBytes: built.project.stagedBytes }),
    estimateWithoutStaging: estimateSpeed(board, source, { ...work, stagedBytes: 0 }),
    parity,
    chipParity,
    hostParity,
    howToCompile: built.howToCompile,
  };
  await writeFileAtomically(
    path.join(request.directory, 'build-report.json'),
    `${JSON.stringify(report, null, 2)}\n`,
  );
  await writeFileAtomically(
    path.join(request.directory, 'build-report.txt'),
    `${formatReport(report, board)}\n`,
  );
  return report;
}

interface Built extends MemoryReports {
  project: Project;
  firmware: EmulatorFirmware;
  artifacts: string[];
  howToCompile: string | null;
}

async function buildBare(
  { board, image, directory, force = false }: BuildRequest,
  cores: CoreCount,
  stagingRamBytes: number,
): Promise<Built> {
  const toolchain = findToolchain(board.toolchain);
  const { emulator, cores: emulatedCores } = emulatorFor(board, cores);
  const hasOwnBuild = emulatedCores === cores;
  await requireToolchain(toolchain);
  const project = await generateProject({
    image,
    board,
    framework: 'bare',
    directory,
    force,
    toolchain,
    emulatorPort: hasOwnBuild ? emulator.port : null,
    stagingRamBytes,
    cores,
  });
  await make(project.directory, 'all');
  if (hasOwnBuild) await make(project.directory, 'emulator');
  const artifacts = ['firmware.elf', ...(await writeFlashFiles(project.directory, board))];
  const elfFile = path.join(project.directory, 'firmware.elf');
  const { stagedBytes } = project;
  const memory = linkedMemory(
    { image, board, framework: 'bare', cores, stagedBytes },
    await readMemoryUse(elfFile, image.length),
  );
  return {
    project,
    firmware: hasOwnBuild
      ? { emulator, elfFile: path.join(project.directory, EMULATOR_ELF) }
      : await emulatorFirmware(image, board, { framework: 'bare', stagingRamBytes, wantedCores: cores }),
    artifacts: artifacts.map((name) => path.join(directory, name)),
    ...memory,
    howToCompile: null,
  };
}

async function buildWithVendorTool(
  { board, image, directory, requireBinary, force = false }: BuildRequest,
  framework: Exclude<Framework, 'bare'>,
  cores: CoreCount,
  stagingRamBytes: number,
): Promise<Built> {
  const { tool, isInstalled } = await findVendorTool(framework, board);
  if (!isInstalled && requireBinary) throw missingTool(tool);
  const firmware = await emulatorFirmware(image, board, { framework, stagingRamBytes, wantedCores: cores });
  const project = await generateProject({
    image,
    board,
    framework,
    directory,
    force,
    toolchain: findToolchain(board.toolchain),
    emulatorPort: null,
    stagingRamBytes,
    cores,
  });
  const artifacts = isInstalled ? await tool.compile(directory, board) : [];
  const { stagedBytes } = project;
  return {
    project,
    firmware,
    artifacts,
    ...(await vendorMemory({ image, board, framework, cores, stagedBytes }, artifacts)),
    howToCompile: isInstalled ? null : howToCompile(tool, directory),
  };
}

function missingTool({ program, website, otherwise }: VendorTool): FlashlmError {
  return new FlashlmError(
    'missing-tool',
    `${program} is not installed, so no binary can be made here.`,
    `Get it from ${website}, or leave --require-binary out and ${otherwise}.`,
  );
}

/** Files for flashing that the linker does not make. @returns all names beside firmware.elf */
async function writeFlashFiles(directory: string, board: Board): Promise<string[]> {
  if ((await stat(path.join(directory, 'firmware.hex')).catch(() => null)) !== null) return ['firmware.hex'];
  const binary = await readFile(path.join(directory, 'firmware.bin')).catch(() => null);
  if (binary === null) return [];
  if (board.uf2 === undefined) return ['firmware.bin'];
  const uf2 = uf2Of(new Uint8Array(binary), board.uf2.address, board.uf2.family);
  await writeFileAtomically(path.join(directory, 'firmware.uf2'), uf2);
  return ['firmware.bin', 'firmware.uf2'];
}

/**
 * What the linker of a vendor's tool gave, where that can be read; else what was planned.
 *
 * @param artifacts that the tool made; empty where it is not installed
 */
async function vendorMemory(place: FirmwarePlace, artifacts: string[]): Promise<MemoryReports> {
  const elfFile = artifacts.find((file) => file.endsWith('.elf'));
  const platform = place.board.arduino?.platform ?? '';
  return elfFile === undefined || !READABLE_PLATFORMS.includes(platform)
    ? plannedMemory(place)
    : linkedMemory(place, await readMemoryUse(elfFile, place.image.length));
}

/**
 * Platforms in whose ELF files all that can be written is a variable. Others reserve their heap there, or map flash
 * among it; none of their tools has been seen here.
 */
const READABLE_PLATFORMS = ['arduino:avr'];

function costOf(image: Uint8Array, { instructions, rows, stageBytes }: TokenCost): BuildReport['sampled'] {
  return {
    rowsPerToken: rows,
    bytesPerToken: bytesPerToken(image, rows ?? undefined, stageBytes ?? undefined),
    instructionsPerToken: instructions,
  };
}

/** The very file that is flashed, a shorter story; null where no emulator runs it. */
async function checkChipParity(
  model: IntegerModel,
  board: Board,
  artifacts: string[],
): Promise<ParityReport | null> {
  if (board.chipEmulator === undefined) return null;
  const emulator = findChipEmulator(board.chipEmulator);
  const file = artifacts.find((artifact) => emulator.artifact.test(artifact));
  if (file === undefined) return null;
  return checkParity(model, { emulator, elfFile: file }, CHIP_PARITY_STORIES);
}

/** Level 2 of parity: the C on this computer. Skipped, and reported as null, without a C compiler for it. */
async function checkHostParity(
  model: IntegerModel,
  image: Uint8Array,
  board: Board,
  parity: ParityReport,
): Promise<ParityReport | null> {
  if (board.id === HOST_BOARD) return parity;
  const host = await findBoard(HOST_BOARD);
  if ((await findProgram(compilerOf(findToolchain(host.toolchain)))) === null) return null;
  return checkParity(model, await emulatorFirmware(image, host), PARITY_STORIES);
}
