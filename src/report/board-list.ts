import type { Board, Framework } from '../boards/board.js';
import { checkFit, type Fit } from './fit.js';
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
  /** With the default framework; null without a model. */
  fit: Fit | null;
  /** The most that flash can deliver, before instructions are counted; null without a model. */
  ceiling: SpeedEstimate | null;
}

/**
 * Describes a board.
 * @param image a model's; null for none
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function summariseBoard(board: Board, image: Uint8Array | null): BoardSummary {
  const { id, name, chip, memory, frameworks, defaultFramework } = board;
  return {
    id,
    name,
    ...chip,
    flashBytes: memory.flashBytes,
    ramBytes: memory.ramBytes,
    frameworks,
    defaultFramework,
    fit: image === null ? null : checkFit(image, board, defaultFramework),
    ceiling: image === null ? null : estimateSpeed(board, bytesPerToken(image), null),
  };
}
