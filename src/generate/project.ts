import path from 'node:path';
import type { Board, Framework } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { arduinoProjectFiles } from './arduino.js';
import { bareProjectFiles } from './bare.js';
import { chooseKernel } from './kernels.js';
import { describeModel } from './model-description.js';
import type { ProjectFile } from './project-file.js';
import { replaceFolder } from './replace-folder.js';
import type { ToolchainDescription } from './toolchain.js';

/** What a firmware project is generated from. */
export interface ProjectRequest {
  /** The bytes of model.flm. */
  image: Uint8Array;
  board: Board;
  framework: Framework;
  /** Where the project goes; what an earlier call left there is replaced. */
  directory: string;
  toolchain: ToolchainDescription;
  /** For `bare`: port of the emulator that `make emulator` builds for; null for none. */
  emulatorPort: string | null;
  /** Name of a kernel of kernels.ts; the best one for the toolchain without it. */
  kernel?: string;
}

/** What was generated. */
export interface Project {
  /** Absolute path. */
  directory: string;
  /** Paths below it, sorted. */
  files: string[];
  /** Name of the kernel that was chosen. */
  kernel: string;
}

/**
 * Writes a self-contained firmware project. The same request gives the same bytes, and the folder appears complete or
 * not at all.
 *
 * @throws FlashlmError `bad-image`, `bad-argument` (framework, kernel or folder do not suit), `bad-board-file` (no such
 *   port) or `write-failed`
 */
export async function generateProject(request: ProjectRequest): Promise<Project> {
  const directory = path.resolve(request.directory);
  const kernel = chooseKernel(request.toolchain, request.kernel);
  const files = await projectFiles(request, directory);
  await replaceFolder(directory, files);
  return { directory, files: files.map((file) => file.path).sort(), kernel: kernel.id };
}

async function projectFiles(request: ProjectRequest, directory: string): Promise<ProjectFile[]> {
  const { board, toolchain, emulatorPort, framework } = request;
  const model = describeModel(request.image);
  const kernel = chooseKernel(toolchain, request.kernel);
  switch (framework) {
    case 'bare':
      return bareProjectFiles({ model, kernel, board, toolchain, emulatorPort });
    case 'arduino':
      return arduinoProjectFiles({ model, kernel, board, name: path.basename(directory) });
    default:
      throw new FlashlmError(
        'bad-argument',
        `Projects for ${framework} cannot be generated yet.`,
        'Choose the framework bare or arduino.',
      );
  }
}
