import { IMAGE_FILE } from '../model/find.js';
import { imageRegionOf } from '../report/board-fit.js';
import type { ArduinoParts } from './arduino-context.js';
import { flashSegmentsFile } from './flash-segments.js';
import type { ProjectFile } from './project-file.js';

/**
 * The image as a file at the top of the project, and what tells tools where it goes, for a model that does not fit beside
 * its program and has a region of flash of its own; else nothing.
 */
export function imageRegionFiles({ board, model }: ArduinoParts): ProjectFile[] {
  const region = imageRegionOf(board, 'arduino', model.image.length);
  if (region === null) return [];
  const image: ProjectFile = { path: IMAGE_FILE, content: model.image };
  if (board.flash?.method !== 'esp') return [image];
  return [
    image,
    flashSegmentsFile({
      chip: board.flash.chip.replace('-', '').toLowerCase(),
      segments: [{ offset: region.offset, file: IMAGE_FILE, kind: 'model' }],
    }),
  ];
}
