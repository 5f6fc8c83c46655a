import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBoards } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { crossCompile, ESP_IDF_STAND_IN, linkForHost, sourcesBelow } from './compile-with-stand-in.js';
import { IMAGES, MODELS } from './models.js';
import { PACKAGED_BOARD, packageAs } from './packaging-boards.js';
import { consoleLines, expectedTrace } from './reference.js';
import { makeWorkspace, traceLines } from './workspace.js';

const workspace = await makeWorkspace();
const project = path.join(workspace, 'project');
const component = path.join(project, 'components', 'flashlm');
const includes = [path.join(component, 'src'), ESP_IDF_STAND_IN];
beforeAll(async () => {
  await packageAs('esp-idf', project);
});

function read(...names: string[]): Promise<string> {
  return readFile(path.join(project, ...names), 'utf8');
}

/** The sources that the component's CMakeLists.txt compiles, with the serial port that sdkconfig chooses. */
async function listedSources(serial: 'uart' | 'usb'): Promise<string[]> {
  const listed = [...(await read('components/flashlm/CMakeLists.txt')).matchAll(/"(src\/.+\.c)"/g)];
  return listed
    .map(([, name]) => name)
    .filter((name) => !name.includes('/serial_') || name.endsWith(`/serial_${serial}.c`))
    .map((name) => path.join(component, name));
}

async function link(serial: 'uart' | 'usb', definitions: string[] = []): Promise<string> {
  const sources = [
    ...(await listedSources(serial)),
    path.join(project, 'main', 'main.c'),
    path.join(ESP_IDF_STAND_IN, 'stand_in.c'),
    path.join(ESP_IDF_STAND_IN, 'tasks.c'),
  ];
  const program = path.join(workspace, `program-${serial}${definitions.join('')}`);
  return linkForHost(program, sources, includes, ['-DESP_PLATFORM', ...definitions]);
}

describe('a project for ESP-IDF', async () => {
  it('has a main component, one with the model, and the image as the bytes that lie in flash', async () => {
    expect((await readdir(project)).sort()).toEqual(
      [
        ...['CMakeLists.txt', 'README.md', 'components', 'flash-segments.json', 'flashlm-project.json'],
        ...['main', 'model', 'partitions.csv', 'sdkconfig.defaults'],
      ].sort(),
    );
    expect((await readFile(path.join(project, 'model', 'model.flm'))).equals(IMAGES.wide)).toBe(true);
    expect(await sourcesBelow(component)).not.toContain(
      path.join(component, 'src', 'model', 'flashlm_image.c'),
    );
  });

  it('compiles every source of the component, and no other', async () => {
    const listed = [...(await listedSources('uart')), ...(await listedSources('usb'))];
    expect([...new Set(listed)].sort()).toEqual(await sourcesBelow(component));
  });

  it('names target, flash, partition table and clock in sdkconfig.defaults', async () => {
    const settings = await read('sdkconfig.defaults');
    for (const line of [
      'CONFIG_IDF_TARGET="esp32"',
      'CONFIG_ESPTOOLPY_FLASHSIZE_4MB=y',
      'CONFIG_PARTITION_TABLE_CUSTOM=y',
      'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="partitions.csv"',
      'CONFIG_FREERTOS_HZ=1000',
    ]) {
      expect(settings.split('\n')).toContain(line);
    }
    for (const line of settings.split('\n')) expect(line).toMatch(/^(?:#.*|CONFIG_[A-Z0-9_]+=\S+)?$/);
  });

  it('says the same place for the model in partitions.csv and flash-segments.json', async () => {
    expect(await read('partitions.csv')).toContain('\nmodel, data, undefined, 0x110000, 0x2f0000\n');
    expect(JSON.parse(await read('flash-segments.json'))).toEqual({
      chip: 'esp32',
      segments: [
        { offset: 0x1000, file: 'build/bootloader/bootloader.bin', kind: 'bootloader' },
        { offset: 0x8000, file: 'build/partition_table/partition-table.bin', kind: 'partitions' },
        { offset: 0x10000, file: 'build/stories.bin', kind: 'app' },
        { offset: 0x110000, file: 'model/model.flm', kind: 'model' },
      ],
    });
    const cmake = await read('CMakeLists.txt');
    expect(cmake).toContain('project(stories)');
    expect(cmake).toMatch(/^set\(model_file .*\/model\/model\.flm"\)$/m);
    expect(cmake).toMatch(/^esptool_py_flash_to_partition\(flash "model" "\$\{model_file\}"\)$/m);
  });

  // idf.py gives -p to the targets that it knows; the others read the port from the environment.
  it('says the port to the target of its own in the way that reaches it', async () => {
    expect(await read('CMakeLists.txt')).toMatch(/^esptool_py_flash_target\(model-flash /m);
    const readme = await read('README.md');
    expect(readme).toContain('ESPPORT=PORT idf.py model-flash');
    expect(readme).not.toMatch(/idf\.py -p .*model-flash/);
  });

  it('has a manifest that the component manager takes', async () => {
    const manifest = await read('components/flashlm/idf_component.yml');
    expect(manifest).toMatch(/^version: "\d+\.\d+\.\d+"$/m);
    expect(manifest).toContain('targets:\n  - esp32\n');
    expect(manifest).toContain('idf: ">=5.3"');
  });

  it.each(['uart', 'usb'] as const)(
    'tells what the reference tells, over %s, from its partition',
    async (serial) => {
      const request = {
        prompt: Buffer.from('a cab'),
        seed: 3,
        temperatureThousandths: 900,
        topK: 20,
        tokens: 8,
      };
      const { stdout, stderr } = await execa(await link(serial), {
        input: consoleLines(request),
        encoding: 'latin1',
        env: { FLASHLM_FLASH_FILE: path.join(project, 'model', 'model.flm') },
      });
      expect(traceLines(stdout)).toEqual(expectedTrace(MODELS.wide, request));
      expect(stderr).toBe('task flashlm on core 1');
    },
  );

  it('tells it from a copy in external RAM where the chip has some', async () => {
    const request = {
      prompt: Buffer.from('a cab'),
      seed: 3,
      temperatureThousandths: 900,
      topK: 20,
      tokens: 8,
    };
    const { stdout, stderr } = await execa(await link('uart', ['-DCONFIG_SPIRAM=1']), {
      input: consoleLines(request),
      encoding: 'latin1',
      env: { FLASHLM_FLASH_FILE: path.join(project, 'model', 'model.flm') },
    });
    expect(traceLines(stdout)).toEqual(expectedTrace(MODELS.wide, request));
    expect(stderr).toContain(`external RAM: ${IMAGES.wide.length} bytes`);
  });

  it.each([
    ['no partition', null, 'has no partition "model"'],
    ['a partition that is too small', 1000, 'cannot be mapped'],
    ['a partition that was erased', IMAGES.wide.length, null],
  ])('with %s says what to do instead of reading it', async (_, bytes, message) => {
    const flash = path.join(workspace, 'flash.bin');
    if (bytes !== null) await writeFile(flash, Buffer.alloc(bytes, 0xff));
    const { stdout, stderr } = await execa(await link('uart'), {
      input: 'Once\n',
      env: bytes === null ? {} : { FLASHLM_FLASH_FILE: flash },
    });
    expect(stdout).toContain('image section header is damaged; flash the model again.');
    if (message !== null) expect(stderr).toContain(message);
  });

  const boards = (await loadBoards()).filter(({ frameworks }) => frameworks.includes('esp-idf'));
  for (const board of boards) {
    const toolchain = findToolchain(board.toolchain);
    const isMissing = (await findProgram(`${toolchain.prefix}gcc`)) === null;
    it.skipIf(isMissing)(`of ${board.id} compiles without warnings`, async () => {
      const directory = await packageAs('esp-idf', path.join(workspace, board.id), board, IMAGES.odd);
      const sources = path.join(directory, 'components', 'flashlm', 'src');
      const headers = [sources, ESP_IDF_STAND_IN];
      await crossCompile(toolchain, await sourcesBelow(directory), headers, ['-DESP_PLATFORM']);
    });
  }

  it('is not made where the image is larger than its partition', async () => {
    const espIdf = {
      ...({ target: 'esp32', bootloaderOffset: 0 } as const),
      partitions: [{ name: 'model', type: 'data', subType: 'undefined', offset: 0x110000, bytes: 4096 }],
    };
    const board = { ...PACKAGED_BOARD, espIdf };
    await expect(packageAs('esp-idf', path.join(workspace, 'none'), board)).rejects.toMatchObject({
      code: 'does-not-fit',
      exitCode: 5,
    });
  });
});
