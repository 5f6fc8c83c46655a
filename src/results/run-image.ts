import type { Board } from '../boards/board.js';
import { emulatorFirmware } from '../emulate/emulator-firmware.js';
import { checkFit } from '../report/fit.js';
import type { BoardRun } from './figures.js';
import { runFirmware } from './run-firmware.js';

/**
 * Compiles an image's firmware for a board's emulator, holds it against the reference and counts its instructions.
 * What does not fit the board is not run.
 *
 * @param onProgress receives the share that is done, 0..1
 * @throws FlashlmError parity-broken, missing-tool, compile-failed, emulator-failed, bad-image, write-failed
 */
export async function runImage(
  image: Uint8Array,
  board: Board,
  onProgress: (share: number) => void = () => undefined,
): Promise<BoardRun> {
  const fits = board.frameworks.some((framework) => checkFit(image, board, framework).fits);
  if (!fits) return notRun(board.id, 'does not fit');
  const run = await runFirmware(image, await emulatorFirmware(image, board), onProgress);
  const { instructionsPerToken, instructionsPerLikeliestToken, paritySteps } = run;
  const missing = instructionsPerToken === null ? 'cannot be counted here' : null;
  return { board: board.id, instructionsPerToken, instructionsPerLikeliestToken, paritySteps, missing };
}

function notRun(board: string, missing: string): BoardRun {
  const nothing = { instructionsPerToken: null, instructionsPerLikeliestToken: null, paritySteps: null };
  return { board, ...nothing, missing };
}
