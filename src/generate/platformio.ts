import { type ArduinoParts, arduinoContext, partitionFiles } from './arduino-context.js';
import { requireBoardPart } from './board-part.js';
import { imageRegionFiles } from './image-region.js';
import { LIBRARY_NAME, librarySources } from './library-sources.js';
import { licenceText, PROJECT_URL, packageVersion } from './package-facts.js';
import { type ProjectFile, within } from './project-file.js';
import { render } from './render.js';

/**
 * A PlatformIO project for the board's Arduino core: the program in src/, the model as a library in lib/.
 * Formats: https://docs.platformio.org/en/latest/projectconf and .../manifests/library-json
 *
 * @throws FlashlmError `bad-board-file` for a board without a `platformio` or `arduino` part
 */
export async function platformioProjectFiles(parts: ArduinoParts): Promise<ProjectFile[]> {
  const platformio = requireBoardPart(parts.board, 'platformio');
  const context = {
    ...arduinoContext(parts),
    platformio,
    options: Object.entries(platformio.options ?? {}).map(([key, value]) => ({ key, value })),
  };
  const library = [
    { path: 'library.json', content: await libraryManifest(parts) },
    { path: 'LICENSE', content: await licenceText() },
    ...(await librarySources(parts)),
  ];
  return [
    { path: 'platformio.ini', content: await render('platformio/platformio.ini', context) },
    { path: 'README.md', content: await render('platformio/README.md', context) },
    { path: 'src/main.cpp', content: await render('platformio/main.cpp', context) },
    ...within(`lib/${LIBRARY_NAME}`, library),
    ...(await partitionFiles(context, 'partitions.csv')),
    ...imageRegionFiles(parts),
  ];
}

async function libraryManifest({ model }: ArduinoParts): Promise<string> {
  const manifest = {
    name: LIBRARY_NAME,
    version: await packageVersion(),
    description: `A language model that tells stories in integers: ${model.name}, fingerprint ${model.fingerprint}`,
    keywords: ['language-model', 'ternary', 'stories'],
    homepage: PROJECT_URL,
    license: 'MIT',
    headers: `${LIBRARY_NAME}.h`,
    frameworks: 'arduino',
    platforms: '*',
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
