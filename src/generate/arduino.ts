import { type ArduinoParts, arduinoContext, partitionFiles } from './arduino-context.js';
import { firmwareSources } from './firmware-sources.js';
import { imageRegionFiles } from './image-region.js';
import { modelPlaces } from './model-places.js';
import { modelSources } from './model-sources.js';
import type { ProjectFile } from './project-file.js';
import { render } from './render.js';
import { requireSketchName } from './sketch-name.js';

/** What a sketch is made of. */
export interface ArduinoProject extends ArduinoParts {
  /** Of the sketch and of its folder, which have to agree. */
  name: string;
}

/** What a sketch shares with a library: the port to an Arduino core, its second core, and the image as a constant. */
export const ARDUINO_PORT_FILES = [
  'arduino/place_image.cpp',
  'arduino/port.cpp',
  'arduino/read_image.cpp',
  'arduino/second_core.cpp',
  'avr/read_flash.c',
  'support/freertos_second_core.c',
  'support/mailbox.c',
  'support/mailbox.h',
];

/**
 * A sketch folder that the Arduino IDE opens: all sources lie in its `src`, so no library has to be installed.
 *
 * @throws FlashlmError `bad-argument` for a folder that no sketch can be in, `bad-board-file` for a board without
 *   an `arduino` part
 */
export async function arduinoProjectFiles(project: ArduinoProject): Promise<ProjectFile[]> {
  const { model, kernel, board, name, cores } = project;
  requireSketchName(name);
  const context = { ...arduinoContext(project), name };
  return [
    ...(await firmwareSources(ARDUINO_PORT_FILES)),
    ...(await modelSources(model, kernel, modelPlaces(board, 'arduino', model.image.length), cores)),
    { path: `${name}.ino`, content: await render('arduino/sketch.ino', context) },
    { path: 'sketch.yaml', content: await render('arduino/sketch.yaml', context) },
    { path: 'README.md', content: await render('arduino/README.md', context) },
    ...(await partitionFiles(context, 'partitions.csv')),
    ...imageRegionFiles(project),
  ];
}
