import path from 'node:path';
import { expect, it } from 'vitest';
import type { FlashMethod } from '../../src/boards/flash-method.js';
import { findBoard, loadBoards } from '../../src/boards/load.js';
import { FlashlmError } from '../../src/errors.js';
import { findFirmware } from '../../src/flash/firmware-files.js';
import { readProjectReport } from '../../src/flash/project-report.js';
import { folderWith, report } from './a-project.js';

/** Names and offsets of what would be flashed. */
async function found(
  boardId: string,
  files: Record<string, string>,
): Promise<[string, string, number | null][]> {
  const board = await findBoard(boardId);
  const folder = await folderWith(files);
  const project = { folder, board, report: await readProjectReport(folder, boardId) };
  const firmware = await findFirmware(project, board.flash as FlashMethod);
  return firmware.map((file) => [path.relative(folder, file.path), file.kind, file.offset]);
}

async function failure(boardId: string, files: Record<string, string>): Promise<FlashlmError> {
  const error = await found(boardId, files).then(String, (reason: unknown) => reason);
  if (error instanceof FlashlmError) return error;
  throw new Error(`expected a FlashlmError, got ${error}`);
}

const SKETCH = {
  'build/small.ino.bin': 'app',
  'build/small.ino.bootloader.bin': 'loader',
  'build/small.ino.partitions.bin': 'table',
};

it('puts bare firmware of an ESP chip at the beginning of its flash', async () => {
  expect(await found('esp32c3', { 'firmware.bin': 'x', 'firmware.elf': 'x', 'build/main.o': 'x' })).toEqual([
    ['firmware.bin', 'app', 0],
  ]);
});

it.each([
  ['esp32', 0x1000],
  ['esp32s3', 0],
  ['esp32c6', 0],
])('puts a sketch of an %s behind its boot loader and partition table', async (board, bootloader) => {
  expect(await found(board, { ...SKETCH, 'build/small.ino.merged.bin': 'all' })).toEqual([
    ['build/small.ino.bootloader.bin', 'bootloader', bootloader],
    ['build/small.ino.partitions.bin', 'partitions', 0x8000],
    ['build/small.ino.bin', 'app', 0x10000],
  ]);
});

it('finds what the Arduino IDE exports, and what PlatformIO builds', async () => {
  expect(await found('esp32', { 'build/esp32.esp32.esp32/small.ino.merged.bin': 'x' })).toEqual([
    ['build/esp32.esp32.esp32/small.ino.merged.bin', 'app', 0],
  ]);
  const folder = '.pio/build/esp32dev';
  const files = {
    [`${folder}/firmware.bin`]: 'x',
    [`${folder}/bootloader.bin`]: 'x',
    [`${folder}/partitions.bin`]: 'x',
  };
  expect(await found('esp32', files)).toEqual([
    [`${folder}/bootloader.bin`, 'bootloader', 0x1000],
    [`${folder}/partitions.bin`, 'partitions', 0x8000],
    [`${folder}/firmware.bin`, 'app', 0x10000],
  ]);
});

it('never puts a sketch without boot loader at the beginning of flash, where it would not start', async () => {
  const error = await failure('esp32', { 'build/small.ino.bin': 'x' });
  expect(error.code).toBe('missing-file');
});

it('but an ESP8266 starts its sketch from there', async () => {
  expect(await found('esp8266', { 'build/small.ino.bin': 'x' })).toEqual([['build/small.ino.bin', 'app', 0]]);
});

it('reads what ESP-IDF lists, in the order of flash', async () => {
  const files = {
    'build/flasher_args.json': JSON.stringify({
      write_flash_args: ['--flash_mode', 'dio'],
      flash_files: {
        '0x10000': 'story.bin',
        '0x210000': 'model.bin',
        '0x8000': 'partition_table/partition-table.bin',
        '0x1000': 'bootloader/bootloader.bin',
      },
    }),
    'build/story.bin': 'x',
    'build/model.bin': 'x',
    'build/bootloader/bootloader.bin': 'x',
    'build/partition_table/partition-table.bin': 'x',
  };
  expect(await found('esp32', files)).toEqual([
    ['build/bootloader/bootloader.bin', 'bootloader', 0x1000],
    ['build/partition_table/partition-table.bin', 'partitions', 0x8000],
    ['build/story.bin', 'app', 0x10000],
    ['build/model.bin', 'model', 0x210000],
  ]);
});

it("prefers the project's own list, and says what makes a file that is not there yet", async () => {
  const segments = [
    { offset: 0x10000, file: 'build/story.bin', kind: 'app' },
    { offset: 0x210000, file: 'model.flm', kind: 'model' },
  ];
  const list = { 'flash-segments.json': JSON.stringify({ chip: 'esp32', segments }) };
  const written = {
    ...list,
    'build-report.json': report('esp32', { framework: 'esp-idf' }),
    'model.flm': 'x',
  };
  const error = await failure('esp32', written);
  expect(error).toMatchObject({ code: 'missing-file', exitCode: 2 });
  expect(error.what).toMatch(/build\/story\.bin is not there yet\.$/);
  expect(error.action).toMatch(/^Compile it first: idf\.py -C \S+ build$/);
  expect(await found('esp32', { ...written, 'build/story.bin': 'x' })).toEqual([
    ['build/story.bin', 'app', 0x10000],
    ['model.flm', 'model', 0x210000],
  ]);
  expect((await failure('esp32s3', list)).what).toMatch(/is for the chip esp32, and .* has an ESP32-S3\.$/);
  expect((await failure('esp32', { 'flash-segments.json': '{}' })).what).toMatch(/is damaged\.$/);
});

it('adds a model that the project lists alone to what the compiler made', async () => {
  const segments = [{ offset: 0x200000, file: 'model.flm', kind: 'model' }];
  const files = {
    'flash-segments.json': JSON.stringify({ chip: 'esp8266', segments }),
    'build-report.json': report('esp8266'),
    'model.flm': 'x',
  };
  expect(await found('esp8266', { ...files, 'build/small.ino.bin': 'x' })).toEqual([
    ['build/small.ino.bin', 'app', 0],
    ['model.flm', 'model', 0x200000],
  ]);
  expect((await failure('esp8266', files)).action).toMatch(/^Compile it first: arduino-cli compile /);
});

it.each([
  ['pico', 'firmware.uf2'],
  ['pico2', 'build/small.ino.uf2'],
  ['teensy41', 'build/small.ino.hex'],
  ['giga-r1', 'build/small.ino.bin'],
  ['uno-r4', 'firmware.bin'],
  ['nano33ble', '.pio/build/nano33ble/firmware.bin'],
])('takes for a %s what its tool takes', async (board, file) => {
  const others = { 'build/small.ino.elf': 'x', 'firmware.elf': 'x', 'README.md': 'x' };
  expect(await found(board, { ...others, [file]: 'x' })).toEqual([[file, 'app', null]]);
});

it('says which command builds what is missing', async () => {
  const error = await failure('pico', {});
  expect(error.what).toMatch(/^There is no firmware to flash in /);
  expect(error.action).toMatch(/^Build it first: flashlm-mcu build --board pico --out \S+ --require-binary$/);
  const sketch = await failure('esp32', { 'build-report.json': report('esp32') });
  expect(sketch.action).toMatch(/^Compile it first: arduino-cli compile --export-binaries /);
});

it('refuses a project of another board, of broken parity, and one whose report is damaged', async () => {
  const firmware = { 'firmware.uf2': 'x' };
  expect((await failure('pico', { ...firmware, 'build-report.json': report('pico2') })).code).toBe(
    'bad-argument',
  );
  const broken = report('pico', { chipParity: { status: 'broken' } });
  expect(await failure('pico', { ...firmware, 'build-report.json': broken })).toMatchObject({ exitCode: 4 });
  expect((await failure('pico', { ...firmware, 'build-report.json': '{"board":' })).code).toBe(
    'missing-file',
  );
});

it('has the boot loaders where the tools of Espressif have them', async () => {
  for (const { flash } of await loadBoards()) {
    if (flash?.method !== 'esp' || flash.bootloaderOffset === undefined) continue;
    const name = flash.chip.replace('-', '').toLowerCase();
    const targets: Record<string, new () => { CHIP_NAME: string; BOOTLOADER_FLASH_OFFSET: number }> =
      await import(`esptool-js/lib/targets/${name}.js`);
    const chip = new targets[`${name.toUpperCase()}ROM`]();
    expect(chip.CHIP_NAME).toBe(flash.chip);
    expect(flash.bootloaderOffset).toBe(chip.BOOTLOADER_FLASH_OFFSET);
  }
});
