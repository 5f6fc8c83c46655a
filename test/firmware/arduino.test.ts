import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain, TOOLCHAINS } from '../../src/compile/toolchains.js';
import { generateProject } from '../../src/generate/project.js';
import { IMAGES, MODELS } from './models.js';
import { consoleLines, expectedTrace } from './reference.js';
import { makeWorkspace, plainBoard, traceLines } from './workspace.js';

const workspace = await makeWorkspace();
const STAND_IN = fileURLToPath(new URL('arduino-stand-in', import.meta.url));

const BOARD: Board = {
  ...plainBoard('esp32', 'xtensa-lx106', 'qemu-xtensa-sim'),
  id: 'esp32',
  frameworks: ['arduino'],
  defaultFramework: 'arduino',
  arduino: {
    fqbn: 'esp32:esp32:esp32',
    platform: 'esp32:esp32',
    platformVersion: '3.0.7',
    partitions: [
      { name: 'nvs', type: 'data', subType: 'nvs', offset: 0x9000, bytes: 0x5000 },
      { name: 'app0', type: 'app', subType: 'factory', offset: 0x10000, bytes: 0x300000 },
    ],
  },
};

async function generateSketch(name: string, board: Board = BOARD): Promise<string> {
  const { directory } = await generateProject({
    image: IMAGES.wide,
    board,
    framework: 'arduino',
    directory: path.join(workspace, name),
    toolchain: findToolchain('xtensa-lx106'),
    emulatorPort: null,
  });
  return directory;
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
      'nvs, data, nvs, 0x9000, 0x5000\napp0, app, factory, 0x10000, 0x300000\n',
    );
    expect(await readFile(path.join(directory, 'sketch.yaml'), 'utf8')).toContain(
      'fqbn: esp32:esp32:esp32:PartitionScheme=custom\n',
    );
  });

  it('has no partitions where the board has none', async () => {
    const { partitions: _, ...arduino } = BOARD.arduino ?? { fqbn: '', platform: '', platformVersion: '' };
    const directory = await generateSketch('NoPartitions', { ...BOARD, arduino });
    expect(await readdir(directory)).not.toContain('partitions.csv');
    expect(await readFile(path.join(directory, 'sketch.yaml'), 'utf8')).toContain(
      'fqbn: esp32:esp32:esp32\n',
    );
  });

  it('compiles as C++ around C, and tells what the reference tells', async () => {
    const directory = await generateSketch('Runs');
    const objects: string[] = [];
    for (const source of await cSources(directory)) {
      const object = `${source}.o`;
      await execa('gcc', ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-c', '-o', object, source]);
      objects.push(object);
    }
    const sketch = path.join(directory, 'Runs.ino');
    const program = path.join(directory, 'sketch');
    const standIn = path.join(STAND_IN, 'arduino.cpp');
    const options = [
      '-std=gnu++11',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-include',
      path.join(STAND_IN, 'Arduino.h'),
    ];
    await execa('g++', [...options, '-o', program, '-x', 'c++', sketch, standIn, '-x', 'none', ...objects]);
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

  for (const { prefix, flags } of TOOLCHAINS) {
    const isMissing = (await findProgram(`${prefix}gcc`)) === null;
    it.skipIf(isMissing)(`has C sources without warnings for ${prefix}gcc`, async () => {
      const directory = await generateSketch(`Compiles${prefix.replaceAll('-', '_')}`);
      const options = [
        ...flags,
        '-ffreestanding',
        '-std=gnu11',
        '-O2',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-fsyntax-only',
      ];
      await execa(`${prefix}gcc`, [...options, ...(await cSources(directory))]);
    });
  }

  it('cannot have a name that the IDE refuses', async () => {
    await expect(generateSketch('my story')).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
