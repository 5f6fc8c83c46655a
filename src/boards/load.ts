import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TOOLCHAINS } from '../compile/toolchains.js';
import { probablyMeant } from '../did-you-mean.js';
import { CHIP_EMULATORS } from '../emulate/chip-emulators.js';
import { EMULATORS } from '../emulate/emulators.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { portIds } from '../generate/ports.js';
import { type Board, boardSchema, type Framework, MODEL_PARTITION, type Partition } from './board.js';

/** Folder of the boards that ship. */
export const BOARDS_DIRECTORY = path.join(PACKAGE_ROOT, 'boards');

/**
 * Reads the boards that ship, sorted by id.
 *
 * @param added a folder of more boards; one with the id of a board that ships stands in for it
 * @throws FlashlmError bad-board-file, naming file and field; missing-file for a folder that is not there
 */
export async function loadBoards(added?: string): Promise<Board[]> {
  const shipped = await readBoards(BOARDS_DIRECTORY);
  const more = added === undefined ? [] : await readBoards(added);
  const byId = new Map([...shipped, ...more].map((board) => [board.id, board]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function readBoards(directory: string): Promise<Board[]> {
  const names = await readdir(directory).catch((cause) => {
    throw new FlashlmError(
      'missing-file',
      `There is no folder ${directory}.`,
      'Name a folder of board files.',
      {
        cause,
      },
    );
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) {
    throw new FlashlmError(
      'bad-board-file',
      `The folder ${directory} holds no board file.`,
      'Put BOARD.json files there.',
    );
  }
  const ports = await portIds();
  return Promise.all(files.map((name) => readBoard(path.join(directory, name), ports)));
}

/**
 * Finds a board by its id.
 *
 * @param added a folder of boards beside those that ship
 * @throws FlashlmError unknown-board, with the id that was probably meant
 */
export async function findBoard(id: string, added?: string): Promise<Board> {
  const boards = await loadBoards(added);
  const found = boards.find((board) => board.id === id);
  if (found !== undefined) return found;
  const ids = boards.map((board) => board.id);
  const meant = probablyMeant(id, ids);
  throw new FlashlmError(
    'unknown-board',
    `There is no board "${id}".`,
    meant === null ? `Choose one of: ${ids.join(', ')}.` : `Did you mean "${meant}"?`,
  );
}

async function readBoard(file: string, ports: string[]): Promise<Board> {
  const fail = (problem: string, cause?: unknown): never => {
    throw new FlashlmError(
      'bad-board-file',
      `${file}: ${problem}.`,
      'docs/adding-a-board.md explains every field.',
      {
        cause,
      },
    );
  };
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    return fail('is no JSON', cause);
  }
  const parsed = boardSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(`field "${issue.path.join('.') || '(top)'}": ${issue.message}`, parsed.error);
  }
  const problem = findProblem(parsed.data, path.basename(file, '.json'), ports);
  return problem === null ? parsed.data : fail(problem);
}

/** What is wrong with a board whose fields are right each by itself; null if nothing is. */
function findProblem(board: Board, fileName: string, ports: string[]): string | null {
  const { frameworks, defaultFramework, port, toolchain, emulator, chipEmulator, arduino, espIdf } = board;
  const oneOf = (field: string, value: string, allowed: readonly string[]) =>
    allowed.includes(value) ? null : `field "${field}": is "${value}", must be one of ${allowed.join(', ')}`;
  const wanting = frameworks.flatMap((framework) =>
    FIELDS_OF_FRAMEWORK[framework]
      .filter((field) => board[field] === undefined)
      .map((field) => `field "${field}": is needed for the framework ${framework}`),
  );
  if (wanting.length > 0) return wanting[0];
  if (frameworks.includes('bare') && port === undefined) {
    return `field "port": is needed for the framework bare, must be one of ${ports.join(', ')}`;
  }
  return (
    partitionProblem('arduino.partitions', arduino?.partitions) ??
    partitionProblem('espIdf.partitions', espIdf?.partitions) ??
    modelPartitionProblem(espIdf?.partitions) ??
    oneOf('id', board.id, [fileName]) ??
    oneOf('defaultFramework', defaultFramework, frameworks) ??
    (port === undefined ? null : oneOf('port', port, ports)) ??
    oneOf('toolchain', toolchain, ids(TOOLCHAINS)) ??
    oneOf('emulator', emulator, ids(EMULATORS)) ??
    (chipEmulator === undefined ? null : oneOf('chipEmulator', chipEmulator, ids(CHIP_EMULATORS)))
  );
}

/** What of a board's file a framework cannot do without, beside what every board has. */
const FIELDS_OF_FRAMEWORK: Readonly<Record<Framework, readonly ('arduino' | 'platformio' | 'espIdf')[]>> = {
  bare: [],
  arduino: ['arduino'],
  'arduino-library': ['arduino'],
  platformio: ['arduino', 'platformio'],
  'esp-idf': ['espIdf'],
};

/** Espressif's loader starts programs at multiples of 64 KB and erases 4 KB at a time; its table ends at 0x9000. */
const APP_ALIGNMENT = 0x10000;
const ALIGNMENT = 0x1000;
const FIRST_OFFSET = 0x9000;

/** What is wrong with a partition table, by Espressif's rules (ESP-IDF Programming Guide, Partition Tables). */
function partitionProblem(field: string, partitions: Partition[] | undefined): string | null {
  if (partitions === undefined) return null;
  if (partitions.every(({ type }) => type !== 'app')) {
    return `field "${field}": one of them must have the type "app"`;
  }
  let end = FIRST_OFFSET;
  for (const { name, type, offset, bytes } of partitions) {
    const alignment = type === 'app' ? APP_ALIGNMENT : ALIGNMENT;
    if (offset < end) return `field "${field}": "${name}" begins before ${end}, where the one before it ends`;
    if (offset % alignment !== 0 || bytes % ALIGNMENT !== 0) {
      return `field "${field}": "${name}" must begin at a multiple of ${alignment} and have a multiple of ${ALIGNMENT} bytes`;
    }
    end = offset + bytes;
  }
  return null;
}

function modelPartitionProblem(partitions: Partition[] | undefined): string | null {
  const isModel = ({ name, type }: Partition) => name === MODEL_PARTITION && type === 'data';
  return partitions === undefined || partitions.some(isModel)
    ? null
    : `field "espIdf.partitions": one of them must be called "${MODEL_PARTITION}" and have the type "data"`;
}

function ids(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
