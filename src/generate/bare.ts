import type { Board } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { FlashlmError } from '../errors.js';
import { firmwareSources } from './firmware-sources.js';
import type { Kernel } from './kernels.js';
import type { ModelDescription } from './model-description.js';
import { modelPlaces } from './model-places.js';
import { modelSources } from './model-sources.js';
import { loadPort, type Port } from './ports.js';
import type { ProjectFile } from './project-file.js';
import { render } from './render.js';
import type { ToolchainDescription } from './toolchain.js';

/** What a project without a framework is made of. */
export interface BareProject {
  model: ModelDescription;
  kernel: Kernel;
  board: Board;
  toolchain: ToolchainDescription;
  /** Port of the emulator that `make emulator` builds for; null for none. */
  emulatorPort: string | null;
  cores: CoreCount;
}

/** A folder with sources, linker scripts and a Makefile: needs a compiler and make, nothing else. */
export async function bareProjectFiles(project: BareProject): Promise<ProjectFile[]> {
  const { model, kernel, board, toolchain } = project;
  if (board.port === undefined) {
    throw new FlashlmError(
      'bad-board-file',
      `The board ${board.id} names no port, so no bare program can be made for it.`,
      'Choose another framework, or add "port" to the board\'s file.',
    );
  }
  const port = await loadPort(board.port);
  const emulator = project.emulatorPort === null ? null : await loadPort(project.emulatorPort);
  const context = {
    banner: model.banner,
    board,
    kernel,
    model,
    imageBytes: model.image.length,
    port: { ...port, ...programOf(port) },
    emulator: emulator && { ...emulator, ...programOf(emulator) },
    toolchain,
    objectFormat: port.flashFile === 'hex' ? 'ihex' : 'binary',
    dialect: toolchain.dialect ?? 'c99',
    toolchainFlags: toolchain.flags.join(' '),
    compilerFlags: port.compilerFlags.join(' '),
  };
  return [
    ...(await firmwareSources([...port.files, ...(emulator?.files ?? [])])),
    ...(await modelSources(model, kernel, modelPlaces(board, 'bare', model.image.length), project.cores)),
    { path: 'Makefile', content: await render('bare/Makefile', context) },
    { path: 'README.md', content: await render('bare/README.md', context) },
  ];
}

/** How the Makefile links a program for the port. */
function programOf(port: Port) {
  const sources = port.files.filter((file) => /\.[cS]$/.test(file)).map((file) => `src/ports/${file}`);
  return {
    sources: sources.join(' '),
    linkerFlagsLine: port.linkerFlags.join(' '),
    script: port.linkerScript === null ? null : `src/ports/${port.id}/${port.linkerScript}`,
    readme: port.files.includes(`${port.id}/README.md`) ? `src/ports/${port.id}/README.md` : null,
  };
}
