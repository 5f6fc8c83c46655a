import type { Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { parseHeader } from '../image/header.js';
import { checkFit, proposeFits } from './fit.js';
import { kernelFor } from './kernel-choice.js';
import { type Layer, layersOf } from './layers.js';
import { type MemoryReports, plannedMemory } from './memory-report.js';
import { type SpeedEstimate, weightSourceOf } from './speed.js';
import { planSpeed } from './speed-plan.js';
import type { StagingRequest } from './staged-weights.js';

/** What a model would take on a board and give there, before anything is compiled. */
export interface Plan extends MemoryReports {
  board: string;
  model: string;
  framework: Framework;
  /** That share each product. */
  cores: CoreCount;
  /** Ternary kernel. */
  kernel: string;
  fits: boolean;
  /** Bytes that are wanting; 0 where all fits. */
  missing: { flash: number; ram: number };
  /** What would fit where the model does not, as phrases; empty where it does, or where nothing would. */
  proposals: string[];
  /** Of the image, copied into RAM and read there: which sections, in words, and how many bytes. */
  staged: { description: string; bytes: number };
  /** Where all else is read. */
  unstagedIn: 'flash' | 'external RAM';
  layers: Layer[];
  /** Where instructions are not known, `instructionsPerToken` is null, and so is the ceiling by them missing. */
  estimate: SpeedEstimate;
  /** The same if no weights were copied into RAM. */
  estimateWithoutStaging: SpeedEstimate;
}

/**
 * Plans a firmware.
 * @throws FlashlmError bad-image for a damaged header or table; bad-board-file
 */
export function planFirmware(request: StagingRequest): Plan {
  const { image, board, framework, cores } = request;
  const { name, config } = parseHeader(image);
  const { fits, flash, ram } = checkFit(image, board, framework);
  const { staging, estimate, estimateWithoutStaging } = planSpeed(request);
  return {
    board: board.id,
    model: name,
    framework,
    cores,
    kernel: kernelFor(config, board, framework).id,
    fits,
    missing: { flash: flash.missing, ram: ram.missing },
    proposals: fits ? [] : proposeFits(image, board, framework),
    ...plannedMemory({ image, board, framework, cores, stagedBytes: staging.bytes }),
    staged: { description: staging.description, bytes: staging.bytes },
    unstagedIn: weightSourceOf(board, framework, image.length).memory,
    layers: layersOf(image, staging),
    estimate,
    estimateWithoutStaging,
  };
}
