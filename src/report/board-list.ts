import type { Board, Framework } from '../boards/board.js';
import { coresFor } from '../boards/cores.js';
import { checkFit, type Fit } from './fit.js';
import type { CountedCost, SpeedEstimate } from './speed.js';
import { planSpeed } from './speed-plan.js';

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
  /** The same if no weights were copied into RAM. */
  estimateWithoutStaging: SpeedEstimate | null;
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
  const speed =
    image === null
      ? null
      : planSpeed({ image, board, framework: defaultFramework, cores: coresFor(board), cost: cost ?? null });
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
    estimate: speed?.estimate ?? null,
    estimateWithoutStaging: speed?.estimateWithoutStaging ?? null,
  };
}
