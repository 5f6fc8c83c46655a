import type { Board } from '../boards/board.js';
import type { CountedCost } from '../report/speed.js';
import { runOf, shippedRuns } from '../results/core-runs.js';

/** What a token of a model that ships takes on a board's core, as it was counted; null of any other. */
export async function knownCost(image: Uint8Array, board: Board): Promise<CountedCost | null> {
  const runs = await shippedRuns(image);
  return runs === null ? null : (runOf(board, runs) ?? null);
}
