import path from 'node:path';
import type { Board, Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { kernelFor } from '../report/kernel-choice.js';
import { arduinoProjectFiles } from './arduino.js';
import { arduinoLibraryFiles } from './arduino-library.js';
import { bareProjectFiles } from './bare.js';
import { espIdfProjectFiles } from './esp-idf.js';
import { findKernel, type Kernel } from './kernels.js';
import { describeModel, type ModelDescription } from './model-description.js';
import { platformioProjectFiles } from './platformio.js';
import type { ProjectFile } from './project-file.js';
import { manifestFile } from './project-manifest.js';
import { replaceFolder } from './replace-folder.js';
import type { ToolchainDescription } from './toolchain.js';

/** What a firmware project is generated from. */
export interface ProjectRequest {
  /** The bytes of model.flm. */
  image: Uint8Array;
  board: Board;
  framework: Framework;
  /** Where the project goes; what an earlier call left there is replaced, unless a person changed it. */
  directory: string;
  /** Replace it even so: what was edited is overwritten, what was added stays. */
  force?: boolean;
  toolchain: ToolchainDescription;
  /** For `bare`: port of the emulator that `make emulator` builds for; null for none. */
  emulatorPort: string | null;
  /** RAM in bytes for copies of weights, which the firmware then reads instead of flash; none by default. */
  stagingRamBytes?: number;
  /** Name of a kernel of kernels.ts; without it, the fastest for the toolchain whose tables fit the board. */
  kernel?: string;
  /** Cores that share each product; one by default. */
  cores?: CoreCount;
}

/** What was generated. */
export interface Project {
  /** Absolute path. */
  directory: string;
  /** Paths below it, sorted. */
  files: string[];
  /** Name of the kernel that was chosen. */
  kernel: string;
  /** Of the image, copied into RAM. */
  stagedBytes: number;
}

/**
 * Writes a self-contained firmware project. The same request gives the same bytes, and the folder appears complete or
 * not at all.
 *
 * @throws FlashlmError `bad-image`, `bad-argument` (kernel or folder do not suit, or a person changed the project),
 *   `bad-board-file` (no such port, or nothing about the framework), `does-not-fit` or `write-failed`
 */
export async function generateProject(request: ProjectRequest): Promise<Project> {
  const directory = path.resolve(request.directory);
  const model = describeModel(request.image, request.stagingRamBytes ?? 0);
  const kernel =
    request.kernel === undefined
      ? kernelFor(model.config, request.board, request.framework)
      : findKernel(request.kernel);
  const generated = await projectFiles(request, model, kernel);
  const { board, framework, force = false } = request;
  const { name, fingerprint } = model;
  const files = [
    ...generated,
    manifestFile({ board: board.id, framework, model: { name, fingerprint } }, generated),
  ];
  await replaceFolder({ directory, board: board.id, force }, files);
  return {
    directory,
    files: files.map((file) => file.path).sort(),
    kernel: kernel.id,
    stagedBytes: model.staging.bytes,
  };
}

async function projectFiles(
  request: ProjectRequest,
  model: ModelDescription,
  kernel: Kernel,
): Promise<ProjectFile[]> {
  const { board, toolchain, emulatorPort, framework, cores = 1 } = request;
  switch (framework) {
    case 'bare':
      return bareProjectFiles({ model, kernel, board, toolchain, emulatorPort, cores });
    case 'arduino':
      return arduinoProjectFiles({
        model,
        kernel,
        board,
        cores,
        name: path.basename(path.resolve(request.directory)),
      });
    case 'arduino-library':
      return arduinoLibraryFiles({ model, kernel, board, cores });
    case 'platformio':
      return platformioProjectFiles({ model, kernel, board, cores });
    case 'esp-idf':
      return espIdfProjectFiles({ model, kernel, board, cores });
  }
}
