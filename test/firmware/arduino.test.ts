import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import { findBoard } from '../../src/boards/load.js';
import { readElf } from '../../src/compile/elf.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { generateProject } from '../../src/generate/project.js';
import { arduinoBoards, compileForBoard } from './arduino-boards.js';
import { ARDUINO_STAND_IN, linkForHost, sourcesBelow } from './compile-with-stand-in.js';
import { IMAGES, MODELS } from './models.js';
import { PACKAGED_BOARD, packageAs } from './packaging-boards.js';
import { consoleLines, expectedTrace } from './reference.js';
import { makeWorkspace, traceLines } from './workspace.js';

const workspace = await makeWorkspace();

function generateSketch(name: string, board: Board = PACKAGED_BOARD): Promise<string> {
  return packageAs('arduino', path.join(workspace, name), board);
}

async function cSources(directory: string): Promise<string[]> {
  const names = await readdir(path.join(directory, 'src'), { recursive: true });
  return names.filter((name) => name.endsWith('.c')).map((name) => path.join(directory, 'src', name));
}

describe('an Arduino sketch', async () => {
  it('lies in a folder of its own name, with everything that it needs in it', async () => {
    const directory = await generateSketch('Stories');
    expect((await readdir(directory)).sort()).toEqual([
      'README.md',
      'Stories.ino',
      'flashlm-project.json',
      'partitions.csv',
      'sketch.yaml',
      'src',
    ]);
    const text = await readFile(path.join(directory, 'Stories.ino'), 'utf8');
    const includes = text.matchAll(/#include "(.*)"/g);
    for (const [, include] of includes) {
      await expect(readFile(path.join(directory, include), 'utf8')).resolves.toContain('FLASHLM');
    }
  });

  it('asks for its partitions in the way that the board package understands', async () => {
    const directory = await generateSketch('Partitions');
    expect(await readFile(path.join(directory, 'partitions.csv'), 'utf8')).toContain(
      'nvs, data, nvs, 0x9000, 0x5000\notadata, data, ota, 0xe000, 0x2000\napp0, app, ota_0, 0x10000, 0x300000\n',
    );
    expect(await readFile(path.join(directory, 'sketch.yaml'), 'utf8')).toContain(
      'fqbn: esp32:esp32:esp32:PartitionScheme=custom\n',
    );
  });

  it("says where the platform comes from, which arduino-cli requires for any but Arduino's own", async () => {
    const directory = await generateSketch('Index');
    expect(await readFile(path.join(directory, 'sketch.yaml'), 'utf8')).toContain(
      'platform_index_url: https://example.com/package_index.json\n',
    );
  });

  it('has no partitions where the board has none', async () => {
    const { partitions: _, ...arduino } = PACKAGED_BOARD.arduino ?? {
      fqbn: '',
      platform: '',
      platformVersion: '',
    };
    const directory = await generateSketch('NoPartitions', { ...PACKAGED_BOARD, arduino });
    expect(await readdir(directory)).not.toContain('partitions.csv');
    expect(await readFile(path.join(directory, 'sketch.yaml'), 'utf8')).toContain(
      'fqbn: esp32:esp32:esp32\n',
    );
  });

  it.each([
    ['arduino', 'README.md', 'CDCOnBoot=cdc'],
    ['arduino-library', 'FlashLM/README.md', 'CDCOnBoot=cdc'],
    ['platformio', 'README.md', 'ARDUINO_USB_CDC_ON_BOOT=1'],
  ] as const)(
    "and other projects (%s) say how to speak over a chip's own USB port, where it has one",
    async (framework, file, option) => {
      const readmeFor = async (board: Board) => {
        const directory = await packageAs(
          framework,
          path.join(workspace, `Usb_${framework}_${board.id}`),
          board,
        );
        return readFile(path.join(directory, file), 'utf8');
      };
      for (const id of ['esp32c3', 'esp32c6', 'esp32s3']) {
        expect(await readmeFor(await findBoard(id)), id).toContain(option);
      }
      expect(await readmeFor(await findBoard('esp32'))).not.toContain(option);
    },
  );

  it.each([
    ['compiles as C++ around C, and tells what the reference tells', 'Runs', []],
    ['speaks where the core cannot tell whether there is room', 'Mbed', ['-DARDUINO_ARCH_MBED']],
    ['shares its work with loop1(), as arduino-pico calls it', 'Pico', ['-DARDUINO_ARCH_RP2040']],
  ])('%s', async (_, name, definitions) => {
    const directory = await generateSketch(name);
    const sources = [...(await sourcesBelow(directory)), path.join(ARDUINO_STAND_IN, 'arduino.cpp')];
    const program = await linkForHost(
      path.join(workspace, `program-${name}`),
      sources,
      [ARDUINO_STAND_IN],
      definitions,
    );
    const request = {
      prompt: Buffer.from('a cab'),
      seed: 3,
      temperatureThousandths: 900,
      topK: 20,
      tokens: 8,
    };
    const { stdout } = await execa(program, { input: consoleLines(request), encoding: 'latin1' });
    expect(traceLines(stdout)).toEqual(expectedTrace(MODELS.wide, request));
  });

  it('has its image in the section that the board names, and nothing else there', async () => {
    const arduino = {
      fqbn: 'a:b:c',
      platform: 'a:b',
      platformVersion: '1',
      imageSection: '.progmem.flashlm',
    };
    const directory = await generateSketch('Section', { ...PACKAGED_BOARD, arduino });
    const object = path.join(workspace, 'section.o');
    const sources = await cSources(directory);
    const image = sources.find((source) => source.endsWith('flashlm_image.c')) ?? '';
    await execa('gcc', ['-std=gnu17', '-Wall', '-Wextra', '-Werror', '-c', '-o', object, image]);
    const { sections } = readElf(await readFile(object));
    expect(sections).toContainEqual({
      ...{ name: '.progmem.flashlm', bytes: IMAGES.wide.length },
      ...{ allocated: true, writable: false, stored: true },
    });
    expect(sections.find(({ name }) => name.startsWith('.rodata'))).toBeUndefined();
    for (const source of sources.filter((other) => other !== image)) {
      expect(await readFile(source, 'utf8')).not.toContain('.progmem');
    }
  });

  it('has its copies of weights in the section that the board names', async () => {
    const arduino = { fqbn: 'a:b:c', platform: 'a:b', platformVersion: '1', stagingSection: '.dmabuffers' };
    const project = await generateProject({
      ...{ image: IMAGES.wide, board: { ...PACKAGED_BOARD, arduino }, framework: 'arduino' },
      ...{ directory: path.join(workspace, 'Staged'), toolchain: findToolchain('host'), emulatorPort: null },
      stagingRamBytes: 1 << 20,
    });
    expect(project.stagedBytes).toBeGreaterThan(0);
    const object = path.join(workspace, 'stage.o');
    const stage = path.join(project.directory, 'src', 'core', 'stage.c');
    await execa('gcc', ['-std=gnu17', '-Wall', '-Wextra', '-Werror', '-c', '-o', object, stage]);
    expect(readElf(await readFile(object)).sections).toContainEqual(
      expect.objectContaining({ name: '.dmabuffers', bytes: project.stagedBytes, writable: true }),
    );
  });

  for (const { id, board, isCompilerMissing } of await arduinoBoards()) {
    it.skipIf(isCompilerMissing)(`has sources without warnings for ${id}`, async () => {
      await compileForBoard(board, await generateSketch(`Compiles_${id}`, board));
    });
  }

  // https://docs.arduino.cc/arduino-cli/sketch-specification
  it.each(['my story', '-story', '.story', 'story.', 'NUL', 'com1', 'Aux.story', 'x'.repeat(64)])(
    'cannot be called "%s", which the IDE refuses',
    async (name) => {
      await expect(generateSketch(name)).rejects.toMatchObject({ code: 'bad-argument' });
    },
  );

  it.each(['s', '_1', '3.stories', 'com10', 'Nullify', 'a-', 'y'.repeat(63)])(
    'can be called "%s"',
    async (name) => {
      expect(path.basename(await generateSketch(name))).toBe(name);
    },
  );
});
