import { type ArduinoContext, type ArduinoParts, arduinoContext, partitionFiles } from './arduino-context.js';
import { imageRegionFiles } from './image-region.js';
import { LIBRARY_NAME, librarySources } from './library-sources.js';
import { licenceText, PROJECT_URL, packageVersion } from './package-facts.js';
import { type ProjectFile, within } from './project-file.js';
import { render } from './render.js';
import { zipOf } from './zip.js';

const EXAMPLES = ['Console', 'OneStory'];

/**
 * A library for the Arduino IDE, as a folder and as the same folder in a zip, which the IDE installs without its library
 * manager. Format: https://docs.arduino.cc/arduino-cli/library-specification
 *
 * @throws FlashlmError `bad-board-file` for a board without an `arduino` part
 */
export async function arduinoLibraryFiles(parts: ArduinoParts): Promise<ProjectFile[]> {
  const context = {
    ...arduinoContext(parts),
    name: LIBRARY_NAME,
    version: await packageVersion(),
    url: PROJECT_URL,
  };
  const files = [
    { path: 'library.properties', content: await renderProperties(context) },
    { path: 'keywords.txt', content: await render('arduino-library/keywords.txt', context) },
    { path: 'README.md', content: await render('arduino-library/README.md', context) },
    { path: 'LICENSE', content: await licenceText() },
    ...(await librarySources(parts)),
    ...(await Promise.all(EXAMPLES.map((example) => exampleFiles(example, context)))).flat(),
  ];
  return [
    ...within(LIBRARY_NAME, files),
    { path: `${LIBRARY_NAME}.zip`, content: zipOf(LIBRARY_NAME, files) },
    ...imageRegionFiles(parts),
  ];
}

function renderProperties(context: ArduinoContext): Promise<string> {
  return render('arduino-library/library.properties', {
    ...context,
    // A line break in a model's name would begin another property.
    modelName: context.model.name.replaceAll(/[^\x20-\x7e]/g, '?'),
    // Of "esp32:esp32" the second word: https://docs.arduino.cc/arduino-cli/platform-specification
    architecture: context.arduino.platform.split(':')[1],
  });
}

async function exampleFiles(name: string, context: ArduinoContext): Promise<ProjectFile[]> {
  const folder = `examples/${name}`;
  return [
    { path: `${folder}/${name}.ino`, content: await render(`arduino-library/${name}.ino`, context) },
    { path: `${folder}/sketch.yaml`, content: await render('arduino-library/sketch.yaml', context) },
    ...(await partitionFiles(context, `${folder}/partitions.csv`)),
  ];
}
