import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { FlashMethod } from '../boards/flash-method.js';
import { FlashlmError } from '../errors.js';
import { listedSegments } from './listed-segments.js';
import { type FirmwareFile, missing, type Project } from './project.js';

/** What a method's tool takes: `firmware.X` is what bare projects and PlatformIO call it, `NAME.ino.X` what Arduino does. */
const FIRMWARE_ENDING: Record<FlashMethod['method'], string> = {
  esp: 'bin',
  uf2: 'uf2',
  avrdude: 'hex',
  teensy: 'hex',
  'dfu-util': 'bin',
  bossac: 'bin',
};
/** Where Espressif's boot loaders look for the partition table, unless they are told otherwise. */
const PARTITION_TABLE_OFFSET = 0x8000;

/**
 * The files that a board is flashed with: those that the project or ESP-IDF lists, and if that is the model alone, what the
 * compiler of the project's framework left in its usual place.
 *
 * @throws FlashlmError missing-file, saying what makes it
 */
export async function findFirmware(project: Project, method: FlashMethod): Promise<FirmwareFile[]> {
  const listed = await listedSegments(project);
  if (listed.some(({ kind }) => kind === 'app')) return listed;
  const found = await findOutput(project, method);
  if (found !== null) return [...found, ...listed];
  throw missing(`There is no firmware to flash in ${project.folder}.`, project);
}

/**
 * The model alone, where it is not part of the program.
 * @throws FlashlmError missing-file; bad-argument if it is part of the program
 */
export async function findModelFile(project: Project): Promise<FirmwareFile[]> {
  const listed = await listedSegments(project, 'model');
  if (listed.length > 0) return listed;
  throw new FlashlmError(
    'bad-argument',
    `In ${project.folder} the model is part of the program, and cannot be written alone.`,
    'Leave out --model-only.',
  );
}

async function findOutput({ folder, board }: Project, method: FlashMethod): Promise<FirmwareFile[] | null> {
  const ending = FIRMWARE_ENDING[method.method];
  const files = await outputsOf(folder);
  const ofSketch = new RegExp(`\\.ino\\.${ending}$`);
  const main =
    files.find((file) => path.basename(file) === `firmware.${ending}`) ??
    files.find((file) => ofSketch.test(file));
  if (method.method !== 'esp') return main === undefined ? null : [{ path: main, kind: 'app', offset: null }];

  const merged = files.find((file) => /\.ino\.merged\.bin$/.test(file));
  const whole = (file: string): FirmwareFile[] => [{ path: file, kind: 'app', offset: 0 }];
  if (main === undefined) return merged === undefined ? null : whole(merged);
  const beside = (part: string) =>
    ofSketch.test(main)
      ? main.replace(/\.bin$/, `.${part}.bin`)
      : path.join(path.dirname(main), `${part}.bin`);
  const isSplit = [beside('bootloader'), beside('partitions')].every((file) => files.includes(file));
  const app = board.arduino?.partitions?.find(({ type }) => type === 'app');
  if (isSplit && app !== undefined && method.bootloaderOffset !== undefined) {
    return [
      { path: beside('bootloader'), kind: 'bootloader', offset: method.bootloaderOffset },
      { path: beside('partitions'), kind: 'partitions', offset: PARTITION_TABLE_OFFSET },
      { path: main, kind: 'app', offset: app.offset },
    ];
  }
  if (merged !== undefined) return whole(merged);
  // Bare firmware is started straight from the beginning of flash; a sketch alone would not start there.
  const startsAlone = path.dirname(main) === folder || method.bootloaderOffset === undefined;
  return startsAlone ? whole(main) : null;
}

/**
 * Files in the project, where arduino-cli and the Arduino IDE put what they compile (build/, build/BOARD/), and where
 * PlatformIO does (.pio/build/ENVIRONMENT/); sorted within each folder.
 */
async function outputsOf(folder: string): Promise<string[]> {
  const below = async (parent: string) => (await namesIn(parent)).map((name) => path.join(parent, name));
  const build = path.join(folder, 'build');
  const folders = [
    folder,
    build,
    ...(await below(build)),
    ...(await below(path.join(folder, '.pio', 'build'))),
  ];
  return (await Promise.all(folders.map(below))).flat();
}

/** Empty for what is no folder. */
async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
