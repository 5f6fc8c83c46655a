import type { Board } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { hasOwnUsb } from '../boards/own-usb.js';
import { imageRegionOf } from '../report/board-fit.js';
import { requireBoardPart } from './board-part.js';
import type { Kernel } from './kernels.js';
import type { ModelDescription } from './model-description.js';
import type { ProjectFile } from './project-file.js';
import { render } from './render.js';

/** What every project for an Arduino core is made of. */
export interface ArduinoParts {
  model: ModelDescription;
  kernel: Kernel;
  board: Board;
  /** That share each product. */
  cores: CoreCount;
}

/**
 * What the templates of Arduino projects need.
 * @throws FlashlmError `bad-board-file` for a board without an `arduino` part
 */
export function arduinoContext({ model, kernel, board }: ArduinoParts) {
  const arduino = requireBoardPart(board, 'arduino');
  return {
    banner: model.banner,
    model,
    imageBytes: model.image.length,
    kernel,
    board,
    arduino,
    indexUrl: arduino.indexUrl ?? null,
    fqbn: fqbnOf(board),
    partitions: arduino.partitions ?? null,
    ownUsb: hasOwnUsb(board),
    region: imageRegionOf(board, 'arduino', model.image.length),
    purpose: 'one large application, since the model is part of it.',
  };
}

export type ArduinoContext = ReturnType<typeof arduinoContext>;

/** The partition table for a folder, where the board has one; else no file. */
export async function partitionFiles(context: ArduinoContext, path: string): Promise<ProjectFile[]> {
  return context.partitions === null
    ? []
    : [{ path, content: await render('shared/partitions.csv', context) }];
}

/**
 * The board's full name with its options: a partitions.csv beside the sketch counts only where one of them says so.
 * @throws FlashlmError `bad-board-file` for a board without an `arduino` part
 */
export function fqbnOf(board: Board): string {
  const { fqbn, partitions } = requireBoardPart(board, 'arduino');
  if (partitions === undefined || fqbn.includes('PartitionScheme=')) {
    return fqbn;
  }
  const hasOptions = fqbn.split(':').length > 3;
  return `${fqbn}${hasOptions ? ',' : ':'}PartitionScheme=custom`;
}
