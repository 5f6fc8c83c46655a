import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { firmwareSources } from './firmware-sources.js';
import type { Kernel } from './kernels.js';
import type { ModelDescription } from './model-description.js';
import { modelSources } from './model-sources.js';
import type { ProjectFile } from './project-file.js';
import { render } from './render.js';

/** What a sketch is made of. */
export interface ArduinoProject {
  model: ModelDescription;
  kernel: Kernel;
  board: Board;
  /** Of the sketch and of its folder, which have to agree. */
  name: string;
}

/** https://docs.arduino.cc/arduino-cli/sketch-specification: what the name of a sketch may be. */
const SKETCH_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/;

/**
 * A sketch folder that the Arduino IDE opens: all sources lie in its `src`, so no library has to be installed.
 *
 * @throws FlashlmError `bad-argument` for a folder that no sketch can be in, `bad-board-file` for a board without
 *   an `arduino` part
 */
export async function arduinoProjectFiles(project: ArduinoProject): Promise<ProjectFile[]> {
  const { model, kernel, board, name } = project;
  if (!SKETCH_NAME.test(name)) {
    throw new FlashlmError(
      'bad-argument',
      `An Arduino sketch cannot be called "${name}".`,
      'Choose a folder whose name has only letters, digits, underscores, dots and hyphens.',
    );
  }
  if (board.arduino === undefined) {
    throw new FlashlmError(
      'bad-board-file',
      `The board ${board.id} says nothing about the Arduino IDE.`,
      'Choose another framework, or add "arduino" to the board\'s file.',
    );
  }
  const { arduino } = board;
  const { partitions } = arduino;
  const context = {
    banner: model.banner,
    name,
    model,
    imageBytes: model.image.length,
    kernel,
    board,
    arduino,
    fqbn: fullyQualifiedName(arduino.fqbn, partitions !== undefined),
    partitions: partitions ?? null,
  };
  const files = [
    ...(await firmwareSources(['support/linked_image.c'])),
    ...(await modelSources(model, kernel)),
    { path: `${name}.ino`, content: await render('arduino/sketch.ino', context) },
    { path: 'sketch.yaml', content: await render('arduino/sketch.yaml', context) },
    { path: 'README.md', content: await render('arduino/README.md', context) },
  ];
  if (partitions !== undefined) {
    files.push({ path: 'partitions.csv', content: await render('arduino/partitions.csv', context) });
  }
  return files;
}

/** A partitions.csv beside the sketch counts only where the board's options say so. */
function fullyQualifiedName(fqbn: string, hasPartitions: boolean): string {
  if (!hasPartitions || fqbn.includes('PartitionScheme=')) {
    return fqbn;
  }
  const hasOptions = fqbn.split(':').length > 3;
  return `${fqbn}${hasOptions ? ',' : ':'}PartitionScheme=custom`;
}
