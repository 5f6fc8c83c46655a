import { FlashlmError } from '../errors.js';
import type { Board, Framework } from './board.js';

/** @throws FlashlmError bad-argument, naming the frameworks that the board has */
export function requireFramework(board: Board, framework: Framework): void {
  if (board.frameworks.includes(framework)) return;
  throw new FlashlmError(
    'bad-argument',
    `${board.name} is not built with the framework "${framework}".`,
    `Choose one of: ${board.frameworks.join(', ')}.`,
  );
}
