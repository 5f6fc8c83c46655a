import { type Board, MODEL_PARTITION, type Partition } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { FlashlmError } from '../errors.js';
import { requireBoardPart } from './board-part.js';
import { firmwareSources } from './firmware-sources.js';
import { type FlashSegments, flashSegmentsFile } from './flash-segments.js';
import type { Kernel } from './kernels.js';
import type { ModelDescription } from './model-description.js';
import { modelSources } from './model-sources.js';
import { licenceText, PROJECT_URL, packageVersion } from './package-facts.js';
import { type ProjectFile, within } from './project-file.js';
import { render } from './render.js';

/** What a project for ESP-IDF is made of. */
export interface EspIdfProject {
  model: ModelDescription;
  kernel: Kernel;
  board: Board;
  /** That share each product. */
  cores: CoreCount;
}

/** Of the project: `build/stories.bin` is the program. */
const PROGRAM = 'stories';
const MODEL_FILE = 'model/model.flm';
const COMPONENT = 'components/flashlm';
const PORT_FILES = [
  'esp-idf/port.c',
  'esp-idf/partition_image.c',
  'esp-idf/serial_uart.c',
  'esp-idf/serial_usb.c',
  'support/freertos_second_core.c',
];
/** Where ESP-IDF puts the partition table unless it is told otherwise: CONFIG_PARTITION_TABLE_OFFSET. */
const PARTITION_TABLE_OFFSET = 0x8000;
const MEBIBYTE = 2 ** 20;

/**
 * A project for ESP-IDF 5.3 or newer: the program as a component, the image in a partition of its own.
 * Formats: ESP-IDF Programming Guide, Build System and Partition Tables; the manifest is the component manager's.
 *
 * @throws FlashlmError `bad-board-file` for a board without an `espIdf` part, or without the model's partition;
 *   `does-not-fit` for an image that is larger than that
 */
export async function espIdfProjectFiles({
  model,
  kernel,
  board,
  cores,
}: EspIdfProject): Promise<ProjectFile[]> {
  const { target, bootloaderOffset, partitions } = requireBoardPart(board, 'espIdf');
  const modelPartition = requireModelPartition(board, partitions, model.image.length);
  const app = partitions.find(({ type }) => type === 'app');
  const component = [
    ...(await firmwareSources(PORT_FILES)),
    // The image lies in its partition instead.
    ...(await modelSources(model, kernel, {}, cores)).filter(
      ({ path }) => !path.endsWith('/flashlm_image.c'),
    ),
  ];
  const context = {
    banner: model.banner,
    model,
    imageBytes: model.image.length,
    kernel,
    board,
    target,
    partitions,
    purpose: 'the program and the model apart, so that each can be written alone.',
    partitionNames: partitions.map(({ name }) => name).join(', '),
    program: PROGRAM,
    modelFile: MODEL_FILE,
    modelPartition: MODEL_PARTITION,
    modelOffset: modelPartition.offset,
    flashMegabytes: Math.ceil((modelPartition.offset + modelPartition.bytes) / MEBIBYTE),
    megahertz: Math.round(board.chip.clockHz / 1e6),
    version: await packageVersion(),
    description: 'A language model that tells stories in integers',
    url: PROJECT_URL,
    sources: sourcesOf(component),
  };
  const segments: FlashSegments = {
    chip: target,
    segments: [
      { offset: bootloaderOffset, file: 'build/bootloader/bootloader.bin', kind: 'bootloader' },
      {
        offset: PARTITION_TABLE_OFFSET,
        file: 'build/partition_table/partition-table.bin',
        kind: 'partitions',
      },
      ...(app === undefined
        ? []
        : [{ offset: app.offset, file: `build/${PROGRAM}.bin`, kind: 'app' as const }]),
      { offset: modelPartition.offset, file: MODEL_FILE, kind: 'model' },
    ],
  };
  const rendered = async (path: string, template: string) => ({
    path,
    content: await render(`esp-idf/${template}`, context),
  });
  return [
    ...within(COMPONENT, component),
    { path: `${COMPONENT}/LICENSE`, content: await licenceText() },
    await rendered(`${COMPONENT}/CMakeLists.txt`, 'component-CMakeLists.txt'),
    await rendered(`${COMPONENT}/idf_component.yml`, 'idf_component.yml'),
    await rendered('main/CMakeLists.txt', 'main-CMakeLists.txt'),
    await rendered('main/main.c', 'main.c'),
    await rendered('CMakeLists.txt', 'CMakeLists.txt'),
    await rendered('sdkconfig.defaults', 'sdkconfig.defaults'),
    await rendered('README.md', 'README.md'),
    { path: 'partitions.csv', content: await render('shared/partitions.csv', context) },
    { path: MODEL_FILE, content: model.image },
    flashSegmentsFile(segments),
  ];
}

/** What the component always compiles: of the two serial ports, its CMakeLists.txt chooses one. */
function sourcesOf(component: ProjectFile[]): string[] {
  return component
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.c') && !/\/serial_\w+\.c$/.test(path))
    .sort();
}

function requireModelPartition(board: Board, partitions: Partition[], imageBytes: number): Partition {
  const partition = partitions.find(({ name }) => name === MODEL_PARTITION);
  if (partition === undefined) {
    throw new FlashlmError(
      'bad-board-file',
      `The board ${board.id} has no partition "${MODEL_PARTITION}" for ESP-IDF.`,
      'docs/adding-a-board.md shows a partition table.',
    );
  }
  if (imageBytes <= partition.bytes) return partition;
  throw new FlashlmError(
    'does-not-fit',
    `The image needs ${imageBytes} bytes, and the partition "${MODEL_PARTITION}" of ${board.name} has ${partition.bytes}.`,
    'Choose a smaller model, or another board.',
  );
}
