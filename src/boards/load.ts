import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { probablyMeant } from '../did-you-mean.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { portIds } from '../generate/ports.js';
import { type Board, boardSchema } from './board.js';
import { boardProblem } from './board-problems.js';

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
  const problem = boardProblem(parsed.data, path.basename(file, '.json'), ports);
  return problem === null ? parsed.data : fail(problem);
}
