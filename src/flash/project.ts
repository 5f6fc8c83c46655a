import type { Board, Framework } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import type { FlashSegments } from '../generate/flash-segments.js';
import type { ProjectReport } from './project-report.js';

/** What a file is; `data` is what a vendor's framework keeps beside the program. */
export type FileKind = FlashSegments['segments'][number]['kind'] | 'data';

/** A file and what it is. */
export interface FirmwareFile {
  path: string;
  kind: FileKind;
  /** Where in flash it begins, in bytes; null where the file itself says it, or the tool knows. */
  offset: number | null;
}

/** What became of a file. */
export interface FlashedFile extends FirmwareFile {
  bytes: number;
  action: 'written' | 'unchanged' | 'planned';
}

/** A folder that `build` wrote, and what it said about it. */
export interface Project {
  folder: string;
  board: Board;
  /** null where there is none. */
  report: ProjectReport | null;
}

/** What makes the binary of a project that is there; other projects are built anew. */
const COMPILING: Partial<Record<Framework, (folder: string) => string>> = {
  arduino: (folder) =>
    `arduino-cli compile --export-binaries ${folder} (in the Arduino IDE: Sketch, Export Compiled Binary)`,
  platformio: (folder) => `pio run -d ${folder}`,
  'esp-idf': (folder) => `idf.py -C ${folder} build`,
};

/**
 * An error for a file that the project lacks; it says which command makes it.
 * @param what one sentence
 */
export function missing(what: string, { folder, board, report }: Project): FlashlmError {
  const compile = report === null ? undefined : COMPILING[report.framework];
  const build = `flashlm-mcu build --board ${board.id} --out ${folder} --require-binary`;
  const action = compile === undefined ? `Build it first: ${build}` : `Compile it first: ${compile(folder)}`;
  return new FlashlmError('missing-file', what, action);
}
