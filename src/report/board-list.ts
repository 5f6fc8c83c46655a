import type { Board, Framework } from '../boards/board.js';
import { type CoreCount, coresFor } from '../boards/cores.js';
import { chooseStaging } from '../generate/staging.js';
import { listSections } from '../image/read.js';
import { checkFit, type Fit } from './fit.js';
import { freeRamForWeights } from './free-ram.js';
import { bytesPerToken, estimateSpeed, type SpeedEstimate } from './speed.js';

/** A board, and what it would make of a model. */
export interface BoardSummary {
  id: string;
  name: string;
  core: string;
  cores: number;
  clockHz: number;
  flashBytes: number;
  ramBytes: number;
  frameworks: Framework[];
  defaultFramework: Framework;
  /** Vendor and product of its USB serial ports, as "303a:1001". */
  usb: string[];
  /** With the default framework; null without a model. */
  fit: Fit | null;
  /** Where instructions were not counted, the most that flash can deliver; null without a model. */
  estimate: SpeedEstimate | null;
}

/** What a token takes, as counted on an emulator. */
export interface CountedCost {
  bytesPerToken: number;
  instructionsPerToken: number | null;
  /** That shared them. */
  cores: CoreCount;
}

/**
 * Describes a board.
 *
 * @param image a model's; null for none
 * @param cost of the model on the board's core; left out where it was not counted
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function summariseBoard(board: Board, image: Uint8Array | null, cost?: CountedCost): BoardSummary {
  const { id, name, chip, memory, frameworks, defaultFramework, usb = [] } = board;
  return {
    id,
    name,
    ...chip,
    flashBytes: memory.flashBytes,
    ramBytes: memory.ramBytes,
    frameworks,
    defaultFramework,
    usb,
    fit: image === null ? null : checkFit(image, board, defaultFramework),
    estimate: image === null ? null : estimateOf(board, image, cost),
  };
}

function estimateOf(board: Board, image: Uint8Array, cost: CountedCost | undefined): SpeedEstimate {
  const ramBytes = freeRamForWeights(image, board, board.defaultFramework, coresFor(board));
  return estimateSpeed(board, {
    bytesPerToken: cost?.bytesPerToken ?? bytesPerToken(image),
    stagedBytes: chooseStaging(listSections(image), ramBytes).bytes,
    instructionsPerToken: cost?.instructionsPerToken ?? null,
    cores: cost?.cores ?? 1,
  });
}
