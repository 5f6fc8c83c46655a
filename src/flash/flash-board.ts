import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Board } from '../boards/board.js';
import type { FlashMethod } from '../boards/flash-method.js';
import { FlashlmError } from '../errors.js';
import { findFirmware, findModelFile } from './firmware-files.js';
import { flashEspFiles } from './flash-esp-files.js';
import { flashWithTool } from './flash-with-tool.js';
import { type FlashedFile, missing } from './project.js';
import { readProjectReport } from './project-report.js';
import { flashUf2 } from './uf2.js';
import type { Mount } from './uf2-volumes.js';
import type { FindPorts } from './usb-ports.js';

export interface FlashRequest {
  board: Board;
  /** Folder of the firmware project. */
  project: string;
  /** What the user named instead of what would be found. */
  port: string | undefined;
  volume: string | undefined;
  tool: string | undefined;
  /** Rate for writing to ESP chips, in bits per second. */
  baudRate: number;
  /** Write also what an ESP chip holds already. */
  writeAll: boolean;
  /** Write the model and leave the program, where they are files of their own. */
  modelOnly: boolean;
  /** Only say what would be done. */
  dryRun: boolean;
  findPorts: FindPorts;
  findMounts: () => Promise<Mount[]>;
  signal?: AbortSignal;
  /** @param share 0..1 of the writing */
  onProgress: (share: number, doing: string) => void;
  /** What another program says while it writes. */
  onOutput: (text: string) => void;
}

/** What was done; `flash --json` prints it. */
export interface FlashResult {
  board: string;
  method: FlashMethod['method'];
  /** Serial port or drive; null where the tool found the board by itself, or nothing was looked for. */
  target: string | null;
  /** The program that wrote; null where this one did. */
  tool: string | null;
  files: FlashedFile[];
  /** How it is known that the board holds what it should; null where nobody looked. */
  verified: 'md5' | 'restart' | 'read-back' | null;
  /** What could not be made sure of, a sentence each. */
  warnings: string[];
}

/**
 * Writes a project's firmware to a board, in the way that the board's file says.
 *
 * @throws FlashlmError bad-argument, missing-file, missing-tool, parity-broken, bad-image: before a board is looked for;
 *   port-failed, wrong-chip, does-not-fit, flash-failed: each says what is on the board now
 */
export async function flashBoard(request: FlashRequest): Promise<FlashResult> {
  const { board, project } = request;
  const method = board.flash;
  if (method === undefined) {
    throw new FlashlmError(
      'bad-argument',
      `The file of the board "${board.id}" does not say how it is flashed.`,
      'Choose another board; `flashlm-mcu boards` lists them.',
    );
  }
  const report = await readProjectReport(project, board.id);
  const built = { folder: project, board, report };
  const files = await (request.modelOnly ? findModelFile(built) : findFirmware(built, method));
  const contents = await Promise.all(files.map((file) => readFile(file.path)));
  const empty = files.find((_, index) => contents[index].length === 0);
  if (empty !== undefined) throw missing(`${empty.path} is empty.`, built);
  const result = {
    board: board.id,
    method: method.method,
    target: null,
    tool: null,
    files: files.map((file, index): FlashedFile => {
      return { ...file, bytes: contents[index].length, action: request.dryRun ? 'planned' : 'written' };
    }),
    verified: null,
    warnings: [],
  };
  if (request.dryRun) return result;
  switch (method.method) {
    case 'esp':
      return {
        ...result,
        ...(await flashEspFiles(request, method.chip, result.files, contents)),
        verified: 'md5',
      };
    case 'uf2': {
      const [file] = files;
      const job = {
        ...request,
        boardId: method.boardId,
        file: file.path,
        content: new Uint8Array(contents[0]),
      };
      return { ...result, target: await flashUf2(job), verified: 'restart' };
    }
    default: {
      const { tool, port, verifies } = await flashWithTool({
        ...request,
        method,
        file: path.resolve(files[0].path),
      });
      return { ...result, target: port, tool, verified: verifies ? 'read-back' : null };
    }
  }
}
