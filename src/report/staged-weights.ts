import type { Board, Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { chooseStaging, type Staging } from '../generate/staging.js';
import { listSections } from '../image/read.js';
import { freeRamForWeights } from './free-ram.js';
import { type CountedCost, type WeightSource, weightSourceOf } from './speed.js';

/** Whose weights may be copied into RAM. */
export interface StagingRequest {
  image: Uint8Array;
  board: Board;
  framework: Framework;
  /** That compute. */
  cores: CoreCount;
  /** Of the model on the board's core; null where it was not counted. */
  cost: CountedCost | null;
}

/**
 * The weights that are copied into RAM: as many as make the core, and no longer flash, what limits the speed; all that
 * find room where that is not enough, or not known. Where flash is fast enough, none.
 *
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function chooseStagedWeights({ image, board, framework, cores, cost }: StagingRequest): Staging {
  const sections = listSections(image);
  const ramBytes = freeRamForWeights(image, board, framework, cores);
  const source = weightSourceOf(board, framework, image.length);
  return chooseStaging(sections, ramBytes, bytesThatGain(board, source, cores, cost));
}

/**
 * How many bytes of a token must come from RAM so that flash keeps up with the core; Infinity where each one gains, or that
 * is unknown.
 */
function bytesThatGain(
  { chip, memory, instructionsPerClock }: Board,
  { bytesPerSecond }: WeightSource,
  cores: CoreCount,
  cost: CountedCost | null,
): number {
  // Where flash is read a page at a time, the core waits meanwhile: each byte less is time won.
  const takeTurns = memory.paged !== undefined;
  if (takeTurns || bytesPerSecond === null || instructionsPerClock === null) return Number.POSITIVE_INFINITY;
  if (cost === null || cost.instructionsPerToken === null) return Number.POSITIVE_INFINITY;
  // Cores that were not counted together share the work at best evenly.
  const instructions = (cost.instructionsPerToken * cost.cores) / cores;
  const secondsOfCore = instructions / (chip.clockHz * instructionsPerClock);
  return Math.max(0, Math.ceil(cost.bytesPerToken - bytesPerSecond * secondsOfCore));
}
