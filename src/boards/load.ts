import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TOOLCHAINS } from '../compile/toolchains.js';
import { probablyMeant } from '../did-you-mean.js';
import { EMULATORS } from '../emulate/emulators.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { type Board, boardSchema } from './board.js';

/** Folder of the boards that ship. */
export const BOARDS_DIRECTORY = path.join(PACKAGE_ROOT, 'boards');

/**
 * Reads every board of a folder, sorted by id.
 * @throws FlashlmError bad-board-file, naming file and field
 */
export async function loadBoards(directory: string = BOARDS_DIRECTORY): Promise<Board[]> {
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
  return Promise.all(files.map((name) => readBoard(path.join(directory, name))));
}

/**
 * Finds a board by its id.
 * @throws FlashlmError unknown-board, with the id that was probably meant
 */
export async function findBoard(id: string, directory: string = BOARDS_DIRECTORY): Promise<Board> {
  const boards = await loadBoards(directory);
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

async function readBoard(file: string): Promise<Board> {
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
  const problem = findProblem(parsed.data, path.basename(file, '.json'));
  return problem === null ? parsed.data : fail(problem);
}

/** What is wrong with a board whose fields are right each by itself; null if nothing is. */
function findProblem(board: Board, fileName: string): string | null {
  const { frameworks, defaultFramework, toolchain, emulator, arduino } = board;
  const oneOf = (field: string, value: string, allowed: readonly string[]) =>
    allowed.includes(value) ? null : `field "${field}": is "${value}", must be one of ${allowed.join(', ')}`;
  if (frameworks.includes('arduino') && arduino === undefined) {
    return 'field "arduino": is needed for the framework arduino';
  }
  if (arduino?.partitions?.every(({ type }) => type !== 'app')) {
    return 'field "arduino.partitions": one of them must have the type "app"';
  }
  return (
    oneOf('id', board.id, [fileName]) ??
    oneOf('defaultFramework', defaultFramework, frameworks) ??
    oneOf('toolchain', toolchain, ids(TOOLCHAINS)) ??
    oneOf('emulator', emulator, ids(EMULATORS))
  );
}

function ids(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
