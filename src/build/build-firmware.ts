import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Board, Framework } from '../boards/board.js';
import { findBoard } from '../boards/load.js';
import { compileWithArduino, howToCompileWithArduino } from '../compile/arduino-cli.js';
import { findProgram } from '../compile/find-program.js';
import { make } from '../compile/make.js';
import { readMemoryUse } from '../compile/memory-use.js';
import { compilerOf, findToolchain, requireToolchain } from '../compile/toolchains.js';
import {
  EMULATOR_ELF,
  type EmulatorFirmware,
  emulatorFirmware,
  requireEmulator,
} from '../emulate/emulator-firmware.js';
import { findEmulator } from '../emulate/emulators.js';
import { countInstructionsPerToken } from '../emulate/instructions-per-token.js';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { generateProject, type Project } from '../generate/project.js';
import { uf2Of } from '../generate/uf2.js';
import { readImage } from '../image/read.js';
import type { IntegerModel } from '../integer/model.js';
import { checkParity, type ParityReport } from '../parity/parity.js';
import { PARITY_STORIES } from '../parity/prompts.js';
import { allowanceFor } from '../report/allowances.js';
import { availableFlash, requireFit } from '../report/fit.js';
import { bytesPerToken, estimateSpeed } from '../report/speed.js';
import type { BuildReport, MemoryReport } from './build-report.js';
import { formatReport } from './format-report.js';

export interface BuildRequest {
  board: Board;
  /** The bytes of model.flm. */
  image: Uint8Array;
  framework: Framework;
  /** Folder of the project. */
  directory: string;
  /** Fail where this computer cannot make the binary. */
  requireBinary: boolean;
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
  await requireEmulator(findEmulator(board.emulator));

  onProgress(0.05, 'generating and compiling');
  const built = framework === 'arduino' ? await buildArduino(request) : await buildBare(request);
  onProgress(0.4, `running it: ${built.firmware.emulator.description}`);
  const parity = await checkParity(model, built.firmware, PARITY_STORIES, (share) =>
    onProgress(0.4 + 0.4 * share, 'comparing every logit with the reference'),
  );
  onProgress(0.8, 'comparing the same sources on this computer');
  const hostParity = await checkHostParity(model, image, board, parity);
  onProgress(0.9, 'counting instructions');
  const instructionsPerToken = await countInstructionsPerToken(built.firmware);
  const bytes = bytesPerToken(image);
  const report: BuildReport = {
    board: board.id,
    model: model.name,
    framework,
    project: request.directory,
    artifacts: built.artifacts,
    kernel: built.project.kernel,
    flash: built.flash,
    ram: built.ram,
    bytesPerToken: bytes,
    instructionsPerToken,
    estimate: estimateSpeed(board, bytes, instructionsPerToken),
    parity,
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

interface Built {
  project: Project;
  firmware: EmulatorFirmware;
  artifacts: string[];
  flash: MemoryReport;
  ram: MemoryReport;
  howToCompile: string | null;
}

async function buildBare({ board, image, directory }: BuildRequest): Promise<Built> {
  const toolchain = findToolchain(board.toolchain);
  const emulator = findEmulator(board.emulator);
  await requireToolchain(toolchain);
  const project = await generateProject({
    image,
    board,
    framework: 'bare',
    directory,
    toolchain,
    emulatorPort: emulator.port,
  });
  await make(project.directory, 'all');
  await make(project.directory, 'emulator');
  const artifacts = ['firmware.elf', ...(await writeFlashFiles(project.directory, board))];
  const memory = await memoryReports(path.join(project.directory, 'firmware.elf'), image, board, 'bare');
  return {
    project,
    firmware: { emulator, elfFile: path.join(project.directory, EMULATOR_ELF) },
    artifacts: artifacts.map((name) => path.join(directory, name)),
    ...memory,
    howToCompile: null,
  };
}

async function buildArduino({ board, image, directory, requireBinary }: BuildRequest): Promise<Built> {
  const toolchain = findToolchain(board.toolchain);
  const arduinoCli = await findProgram('arduino-cli');
  if (arduinoCli === null && requireBinary) {
    throw new FlashlmError(
      'missing-tool',
      'arduino-cli is not installed, so no binary can be made here.',
      'Get it from https://arduino.github.io/arduino-cli, or leave --require-binary out and use the Arduino IDE.',
    );
  }
  const firmware = await emulatorFirmware(image, board);
  const project = await generateProject({
    image,
    board,
    framework: 'arduino',
    directory,
    toolchain,
    emulatorPort: null,
  });
  const artifacts = arduinoCli === null ? [] : await compileWithArduino(directory);
  return {
    project,
    firmware,
    artifacts,
    ...(await memoryReports(firmware.elfFile, image, board, 'arduino')),
    howToCompile: arduinoCli === null ? howToCompileWithArduino(directory) : null,
  };
}

/** Files for flashing that the linker does not make. @returns all names beside firmware.elf */
async function writeFlashFiles(directory: string, board: Board): Promise<string[]> {
  const binary = await readFile(path.join(directory, 'firmware.bin')).catch(() => null);
  if (binary === null) return [];
  if (board.uf2 === undefined) return ['firmware.bin'];
  const uf2 = uf2Of(new Uint8Array(binary), board.uf2.address, board.uf2.family);
  await writeFileAtomically(path.join(directory, 'firmware.uf2'), uf2);
  return ['firmware.bin', 'firmware.uf2'];
}

/** Flash and RAM by part; with Arduino, what its core adds is an allowance. */
async function memoryReports(
  elfFile: string,
  image: Uint8Array,
  board: Board,
  framework: Framework,
): Promise<{ flash: MemoryReport; ram: MemoryReport }> {
  const { flash, ram } = await readMemoryUse(elfFile, image.length);
  const linked = framework === 'bare';
  const report = (available: number, parts: MemoryReport['parts']): MemoryReport => ({
    used: parts.reduce((sum, part) => sum + part.bytes, 0),
    available,
    parts,
    linked,
  });
  const { flashBytes, ramBytes } = allowanceFor(board, framework);
  return {
    flash: report(availableFlash(board, framework), [
      { name: 'model', bytes: flash.model },
      linked
        ? { name: 'program', bytes: flash.program }
        : { name: `allowance for program and ${framework}`, bytes: flashBytes },
    ]),
    ram: report(board.memory.ramBytes, [
      { name: 'variables', bytes: ram.variables },
      linked
        ? { name: 'stack', bytes: ram.stack }
        : { name: `allowance for stack and ${framework}`, bytes: ramBytes },
    ]),
  };
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

function requireFramework(board: Board, framework: Framework): void {
  if (board.frameworks.includes(framework)) return;
  throw new FlashlmError(
    'bad-argument',
    `${board.name} is not built with the framework "${framework}".`,
    `Choose ${board.frameworks.join(' or ')}.`,
  );
}
