import type { Board } from '../boards/board.js';
import { findBoard, loadBoards } from '../boards/load.js';
import { findEmulator } from '../emulate/emulators.js';
import { FlashlmError } from '../errors.js';
import { distinctToolchains } from '../results/core-runs.js';

/**
 * The boards of --boards: those whose emulators count instructions. Without ids, one for each compiler,
 * since boards that share it execute the same kernels.
 *
 * @param first id of the board that comes first of all where none are named
 * @throws FlashlmError unknown-board; bad-argument for a board without an emulator
 */
export async function emulatedBoards(ids: string[] | undefined, first: string): Promise<Board[]> {
  if (ids === undefined) return distinctBoards(await loadBoards(), first);
  const boards: Board[] = [];
  for (const id of new Set(ids)) boards.push(await findBoard(id));
  const without = boards.find((board) => !hasEmulator(board));
  if (without === undefined) return boards;
  throw new FlashlmError(
    'bad-argument',
    `The board ${without.id} runs without an emulator, and only an emulator counts instructions.`,
    'Leave it out of --boards.',
  );
}

function distinctBoards(boards: Board[], first: string): Board[] {
  const isFirst = ({ id }: Board) => id === first;
  return distinctToolchains([...boards.filter(isFirst), ...boards.filter((board) => !isFirst(board))]);
}

function hasEmulator({ emulator }: Board): boolean {
  return findEmulator(emulator).program !== null;
}
