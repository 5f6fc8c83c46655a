import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import { BOARDS_DIRECTORY, findBoard, loadBoards } from '../../src/boards/load.js';
import { EXIT_WRONG_USE, FlashlmError } from '../../src/errors.js';
import { loadPort } from '../../src/generate/ports.js';

let folder: string;
let pico: Board;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-boards-'));
  pico = JSON.parse(await readFile(path.join(BOARDS_DIRECTORY, 'pico.json'), 'utf8'));
});
afterEach(() => rm(folder, { recursive: true }));

async function add(board: unknown, name = 'pico.json'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof board === 'string' ? board : JSON.stringify(board));
  return file;
}

async function failure(promise: Promise<unknown>): Promise<FlashlmError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof FlashlmError) return error;
  throw new Error(`expected a FlashlmError, got ${error}`);
}

/** Fields of a board, of its memory and of its Arduino core that say something about the world, beside what it is called. */
const NEED_A_SOURCE = [
  ...[
    'flashBytesPerSecond',
    'paged',
    'externalRam',
    'instructionsPerClock',
    'usb',
    'uf2',
    'flash',
    'flashing',
  ],
  ...['fqbn', 'platformVersion', 'partitions', 'stagingBytes', 'stagingSection', 'imageSection'],
  ...['platformio', 'espIdf'],
];

describe('the boards that ship', () => {
  it('are valid', async () => {
    const ids = (await loadBoards()).map(({ id }) => id);
    expect(ids).toEqual([
      ...['blackpill-f411', 'esp32', 'esp32c3', 'esp32c6', 'esp32s3', 'esp32s3-psram', 'esp8266', 'giga-r1'],
      ...['host', 'mega2560', 'nano33ble', 'pico', 'pico2', 'pico2-riscv', 'teensy41', 'uno-r4'],
    ]);
  });

  it('say of every fact where it comes from, or that it is assumed', async () => {
    for (const board of await loadBoards()) {
      const { memory, arduino, sources } = board;
      const facts = Object.entries({ ...memory, ...arduino, ...board })
        .filter(([name, value]) => NEED_A_SOURCE.includes(name) && value !== null)
        .map(([name]) => name);
      const unsourced = facts.filter(
        (name) => !sources.some((text) => new RegExp(`\\b${name}[^.]*:`).test(text)),
      );
      expect(unsourced, board.id).toEqual([]);
    }
  });

  it('have a port where they are built bare', async () => {
    for (const { port } of (await loadBoards()).filter(({ frameworks }) => frameworks.includes('bare'))) {
      expect((await loadPort(port ?? '')).files.length).toBeGreaterThan(0);
    }
  });

  it('have partitions that follow each other and end within the flash', async () => {
    for (const { memory, arduino } of await loadBoards()) {
      let end = 0x9000; // bootloader and partition table lie before it
      for (const { offset, bytes } of arduino?.partitions ?? []) {
        expect(offset).toBeGreaterThanOrEqual(end);
        end = offset + bytes;
      }
      expect(end).toBeLessThanOrEqual(memory.flashBytes);
    }
  });
});

/** What the vendors' own board files say; docs/packagings.md, "Reviewed against". */
describe('the boards that ship, by what their platforms say,', () => {
  it('have otadata where arduino-esp32 writes boot_app0.bin with each upload, and then the program', async () => {
    const boards = (await loadBoards()).filter(({ arduino }) => arduino?.platform === 'esp32:esp32');
    expect(boards.length).toBeGreaterThan(0);
    for (const { id, arduino } of boards) {
      const rows = arduino?.partitions ?? [];
      const otadata = { name: 'otadata', type: 'data', subType: 'ota', offset: 0xe000, bytes: 0x2000 };
      expect(rows, id).toContainEqual(otadata);
      expect(rows, id).toContainEqual(
        expect.objectContaining({ type: 'app', subType: 'ota_0', offset: 0x10000 }),
      );
    }
  });

  it("say where a platform comes from that is not Arduino's own: a profile of sketch.yaml has to", async () => {
    for (const { id, arduino } of await loadBoards()) {
      if (arduino === undefined) continue;
      expect(arduino.fqbn.startsWith(`${arduino.platform}:`), id).toBe(true);
      expect(arduino.indexUrl === undefined, id).toBe(arduino.platform.startsWith('arduino:'));
    }
  });

  // The one exception: arduino-pico's documentation names it without.
  it('say which version of a PlatformIO platform they want', async () => {
    for (const { id, platformio } of await loadBoards()) {
      if (platformio === undefined) continue;
      expect(platformio.platform, id).toMatch(
        /^platformio\/[a-z0-9-]+ @ \^\d+\.\d+\.\d+$|\/releases\/download\/\d[^/]*\/|\/maxgerhardt\/platform-raspberrypi\.git$/,
      );
    }
  });

  it('upload a Black Pill over USB in either, since it has no ST-Link', async () => {
    const { arduino, platformio } = await findBoard('blackpill-f411');
    expect(arduino?.fqbn).toContain('upload_method=dfuMethod');
    expect(platformio?.options).toMatchObject({ upload_protocol: 'dfu' });
  });

  it('have in PlatformIO the flash that they have in Arduino', async () => {
    const options = async (id: string) => (await findBoard(id)).platformio?.options;
    // esp32dev reads flash over two lines at 40 MHz, where Arduino reads over four at 80 MHz.
    expect(await options('esp32')).toEqual({
      'board_build.f_flash': '80000000L',
      'board_build.flash_mode': 'qio',
    });
    // giga_r1_m7 leaves half of the flash to the second core.
    const giga = await findBoard('giga-r1');
    expect(giga.arduino?.fqbn).toContain('split=100_0');
    expect(giga.platformio?.options).toEqual({
      'board_build.arduino.flash_layout': '100_0',
      'board_upload.maximum_size': `${giga.memory.flashBytes}`,
    });
  });
});

it('the example of docs/adding-a-board.md is a valid board', async () => {
  const page = await readFile(new URL('../../docs/adding-a-board.md', import.meta.url), 'utf8');
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { id } = JSON.parse(example);
  await add(example, `${id}.json`);
  expect((await loadBoards()).map((board) => board.id)).not.toContain(id);
  const board = await findBoard(id, folder);
  expect(board).toMatchObject({ id, defaultFramework: 'arduino' });
  expect(board.arduino?.indexUrl).toMatch(/^https:.*_index\.json$/);
});

describe('findBoard', () => {
  it('knows what was meant', async () => {
    const error = await failure(findBoard('Esp32-c3'));
    expect(error).toMatchObject({ code: 'unknown-board', exitCode: EXIT_WRONG_USE });
    expect(error.action).toBe('Did you mean "esp32c3"?');
  });

  it('lists the boards where nothing is near', async () => {
    expect((await failure(findBoard('mainframe'))).action).toMatch(/Choose one of: .*esp32c3.*pico/);
  });

  it('finds a board that one JSON file adds, and those that ship beside it', async () => {
    await add({ ...pico, id: 'my-board', name: 'My board' }, 'my-board.json');
    expect(await findBoard('my-board', folder)).toMatchObject({
      name: 'My board',
      toolchain: pico.toolchain,
    });
    expect(await findBoard('pico', folder)).toEqual(pico);
  });

  it('takes an added board in place of the one that ships with its id', async () => {
    await add({ ...pico, name: 'My Pico' });
    expect(await findBoard('pico', folder)).toMatchObject({ name: 'My Pico' });
    expect((await loadBoards(folder)).filter(({ id }) => id === 'pico')).toHaveLength(1);
  });
});

describe('a wrong board file', () => {
  it.each<[string, object, ...string[]]>([
    ['a clock in words', { chip: { core: 'M0+', cores: 2, clockHz: '133 MHz' } }, 'chip.clockHz', 'number'],
    ['an unknown framework', { frameworks: ['zephyr'] }, 'frameworks.0', 'bare', 'arduino', 'esp-idf'],
    ['a default that is none of its frameworks', { defaultFramework: 'esp-idf' }, 'defaultFramework', 'bare'],
    ['an unknown compiler', { toolchain: 'z80' }, 'toolchain', 'cortex-m0plus', 'riscv32imc'],
    ['an unknown emulator', { emulator: 'qemu' }, 'emulator', 'qemu-arm-mps2', 'qemu-arm-mps2-an505'],
    [
      'an emulator of another instruction set',
      { emulator: 'qemu-riscv32-virt' },
      ...['emulator', 'qemu-arm-mps2', 'for the toolchain cortex-m0plus'],
    ],
    [
      'a chip emulator of another instruction set',
      { chipEmulator: 'simavr-atmega2560' },
      ...['chipEmulator', 'rp2040js'],
    ],
    [
      'a chip emulator where none runs its code',
      { toolchain: 'cortex-m4', emulator: 'qemu-arm-mps2-an386', chipEmulator: 'rp2040js' },
      ...['chipEmulator', 'must be left out for the toolchain cortex-m4'],
    ],
    [
      'an unknown emulator of two cores',
      { secondCore: { emulator: 'qemu', source: 'a data sheet' } },
      ...['secondCore.emulator', 'qemu-arm-mps2-an521'],
    ],
    [
      'an emulator of one core for two',
      { secondCore: { emulator: 'qemu-arm-mps2', source: 'a data sheet' } },
      ...['secondCore.emulator', 'qemu-arm-mps2-an521'],
    ],
    [
      "an FQBN of another's platform",
      { arduino: { fqbn: 'esp32:esp32:esp32', platform: 'rp2040:rp2040', platformVersion: '4.4.0' } },
      ...['arduino.fqbn', 'must begin with "rp2040:rp2040:"'],
    ],
    [
      'a chip that ESP-IDF does not build for',
      { espIdf: { target: 'esp32c33', bootloaderOffset: 0, partitions: [] } },
      ...['espIdf.target', 'esp32c3', 'esp32s3'],
    ],
    ['no port, and built bare', { port: undefined }, 'port', 'pico', 'riscv-virt'],
    ['an unknown port', { port: 'toaster' }, 'port', 'pico', 'riscv-virt'],
    ['half a USB id', { usb: ['303a'] }, 'usb.0', '303a:1001'],
    ['an id unlike its file', { id: 'pico2' }, 'id', 'pico'],
    ['a field that there is not', { colour: 'green' }, 'colour'],
    [
      'no flash',
      { memory: { flashBytes: 0, ramBytes: 1, flashBytesPerSecond: 1 } },
      'memory.flashBytes',
      '1',
    ],
  ])('with %s: file, field and what is allowed are named', async (_, change, ...words) => {
    const file = await add({ ...pico, ...change });
    const error = await failure(loadBoards(folder));
    expect(error).toMatchObject({ code: 'bad-board-file', exitCode: EXIT_WRONG_USE });
    for (const word of [file, 'field', ...words]) expect(error.what).toContain(word);
  });

  it('that lacks what Arduino needs, or an app partition, says so', async () => {
    await add({ ...pico, arduino: undefined });
    expect((await failure(loadBoards(folder))).what).toContain('field "arduino"');
    const nvs = { name: 'nvs', type: 'data', subType: 'nvs', offset: 36864, bytes: 20480 };
    await add({ ...pico, arduino: { ...pico.arduino, partitions: [nvs] } });
    expect((await failure(loadBoards(folder))).what).toContain('field "arduino.partitions"');
  });

  it('that lacks what PlatformIO or ESP-IDF needs says so', async () => {
    await add({ ...pico, platformio: undefined });
    expect((await failure(loadBoards(folder))).what).toContain('field "platformio"');
    await add({ ...pico, frameworks: [...pico.frameworks, 'esp-idf'] });
    expect((await failure(loadBoards(folder))).what).toContain('field "espIdf"');
  });

  const app = { name: 'app', type: 'app', subType: 'factory', offset: 0x10000, bytes: 0x100000 };
  const model = { name: 'model', type: 'data', subType: 'undefined', offset: 0x110000, bytes: 0x1000 };
  it.each([
    ['partitions that overlap', [app, { ...model, offset: 0x100000 }], '"model" begins before 1114112'],
    [
      'an app between multiples of 64 KB',
      [{ ...app, offset: 0x11000 }, model],
      '"app" must begin at a multiple of 65536',
    ],
    ['half a sector', [app, { ...model, bytes: 100 }], 'a multiple of 4096 bytes'],
    ['a partition in the partition table', [{ ...app, offset: 0x8000 }, model], '"app" begins before 36864'],
    [
      'a name that fills the 16 bytes of the table, zero and all',
      [app, { ...model, name: 'a-model-of-16-by' }],
      '<=15',
    ],
    [
      'a partition beyond the flash',
      [app, { ...model, bytes: 0x100000 }],
      '"model" ends at 2162688, must end at 2097152 at the latest (memory.flashBytes)',
    ],
    ['no partition for the model', [app], 'must be called "model"'],
    ['no partition for the program', [model], 'must have the type "app"'],
  ])('with %s is refused', async (_, partitions, problem) => {
    await add({ ...pico, espIdf: { target: 'esp32', bootloaderOffset: 0, partitions } });
    const error = await failure(loadBoards(folder));
    expect(error.what).toContain('field "espIdf.partitions');
    expect(error.what).toContain(problem);
  });

  it('that is no JSON is named', async () => {
    const file = await add('{ "id": ');
    expect((await failure(loadBoards(folder))).what).toBe(`${file}: is no JSON.`);
  });

  it('and a missing folder is named', async () => {
    const error = await failure(loadBoards(path.join(folder, 'none')));
    expect(error).toMatchObject({ code: 'missing-file', exitCode: EXIT_WRONG_USE });
  });
});
