import path from 'node:path';
import type { Board, Framework } from '../boards/board.js';

/** Where a board's project lies if nobody says otherwise: build/BOARD, and build/BOARD-FRAMEWORK for another packaging. */
export function projectFolder(board: Board, framework: Framework): string {
  return path.join('build', framework === board.defaultFramework ? board.id : `${board.id}-${framework}`);
}
