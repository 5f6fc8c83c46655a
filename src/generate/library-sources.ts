import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { ARDUINO_PORT_FILES } from './arduino.js';
import type { ArduinoParts } from './arduino-context.js';
import { firmwareSources } from './firmware-sources.js';
import { modelPlaces } from './model-places.js';
import { modelSources } from './model-sources.js';
import type { ProjectFile } from './project-file.js';

/** Name of the library, of its folder and of its main header. */
export const LIBRARY_NAME = 'FlashLM';

const FACADE_FOLDER = path.join(PACKAGE_ROOT, 'firmware', 'arduino-library');

/** `src/` of the library FlashLM, for the Arduino IDE and PlatformIO alike: only its main header lies at the top. */
export async function librarySources(parts: ArduinoParts): Promise<ProjectFile[]> {
  const { model, kernel, board, cores } = parts;
  const names = (await readdir(FACADE_FOLDER)).sort();
  const facade = names.map(async (name) => ({
    path: `src/${name}`,
    content: await readFile(path.join(FACADE_FOLDER, name), 'utf8'),
  }));
  return [
    ...(await Promise.all(facade)),
    ...(await firmwareSources(ARDUINO_PORT_FILES)),
    ...(await modelSources(model, kernel, modelPlaces(board, 'arduino', model.image.length), cores)),
  ];
}
