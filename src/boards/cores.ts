import { FlashlmError } from '../errors.js';
import type { Board } from './board.js';

/** How many cores share the products of a token. */
export type CoreCount = 1 | 2;

/**
 * Cores that compute on a board: two where its file says how they are split, unless less is asked for.
 *
 * @param wanted left out: as many as the board can use
 * @throws FlashlmError `bad-argument` where two are wanted of a board with one
 */
export function coresFor(board: Board, wanted?: CoreCount): CoreCount {
  const most = board.secondCore === undefined ? 1 : 2;
  if (wanted !== undefined && wanted > most) {
    throw new FlashlmError(
      'bad-argument',
      `${board.name} has no second core that could share the work.`,
      'Leave --cores out.',
    );
  }
  return wanted ?? most;
}
