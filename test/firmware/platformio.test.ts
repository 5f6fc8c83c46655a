import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBoards } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { ARDUINO_STAND_IN, crossCompile, linkForHost, sourcesBelow } from './compile-with-stand-in.js';
import { IMAGES, MODELS } from './models.js';
import { PACKAGED_BOARD, packageAs } from './packaging-boards.js';
import { consoleLines, expectedTrace } from './reference.js';
import { makeWorkspace, traceLines } from './workspace.js';

const workspace = await makeWorkspace();
const project = path.join(workspace, 'project');
const library = path.join(project, 'lib', 'FlashLM');
const includes = [path.join(library, 'src'), ARDUINO_STAND_IN];
beforeAll(async () => {
  await packageAs('platformio', project);
});

/** platformio.ini by section and key; it rejects what PlatformIO's parser would. */
async function readIni(directory: string): Promise<Record<string, Record<string, string>>> {
  const sections: Record<string, Record<string, string>> = {};
  let section = '';
  for (const line of (await readFile(path.join(directory, 'platformio.ini'), 'utf8')).split('\n')) {
    const title = /^\[([\w:-]+)\]$/.exec(line)?.[1];
    const pair = /^(\w[\w.]*) = (.+)$/.exec(line);
    if (title !== undefined) {
      section = title;
      sections[section] = {};
    } else if (pair !== null) {
      expect(sections[section]).not.toHaveProperty([pair[1]]);
      sections[section][pair[1]] = pair[2];
    } else {
      expect(line).toMatch(/^(?:;.*)?$/);
    }
  }
  return sections;
}

describe('a PlatformIO project', async () => {
  it('has the program in src and the model as a library in lib', async () => {
    expect((await readdir(project)).sort()).toEqual(
      ['README.md', 'flashlm-project.json', 'lib', 'partitions.csv', 'platformio.ini', 'src'].sort(),
    );
    expect(await readdir(path.join(project, 'src'))).toEqual(['main.cpp']);
  });

  it("has one environment, the board's, with its options and partitions", async () => {
    expect(await readIni(project)).toEqual({
      platformio: { default_envs: 'esp32' },
      'env:esp32': {
        platform: 'espressif32 @ ^6.9.0',
        board: 'esp32dev',
        framework: 'arduino',
        monitor_speed: '115200',
        'board_build.partitions': 'partitions.csv',
        'board_build.f_cpu': '240000000L',
        build_flags: '-DONE -DTWO',
      },
    });
  });

  it('has a library.json with what the registry requires', async () => {
    const manifest = JSON.parse(await readFile(path.join(library, 'library.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'FlashLM', frameworks: 'arduino', license: 'MIT' });
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await readdir(path.join(library, 'src'))).toContain(manifest.headers);
    expect(manifest.description.length).toBeLessThanOrEqual(255);
    for (const keyword of manifest.keywords) expect(keyword).toMatch(/^[a-z0-9](?:[a-z0-9._+-]*[a-z0-9])?$/);
  });

  it('tells what the reference tells', async () => {
    const sources = [...(await sourcesBelow(project)), path.join(ARDUINO_STAND_IN, 'arduino.cpp')];
    const program = await linkForHost(path.join(workspace, 'program'), sources, includes);
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

  const boards = (await loadBoards()).filter(({ frameworks }) => frameworks.includes('platformio'));
  for (const board of boards) {
    const toolchain = findToolchain(board.toolchain);
    const isMissing = (await findProgram(`${toolchain.prefix}g++`)) === null;
    it.skipIf(isMissing)(`of ${board.id} compiles without warnings`, async () => {
      const directory = await packageAs('platformio', path.join(workspace, board.id), board, IMAGES.odd);
      const ini = await readIni(directory);
      expect(ini[`env:${board.id}`].board).toBe(board.platformio?.board);
      const library = path.join(directory, 'lib', 'FlashLM', 'src');
      await crossCompile(toolchain, await sourcesBelow(directory), [library, ARDUINO_STAND_IN]);
    });
  }

  it('cannot be made for a board that says nothing about it', async () => {
    const { platformio: _, ...board } = PACKAGED_BOARD;
    await expect(packageAs('platformio', path.join(workspace, 'none'), board)).rejects.toMatchObject({
      code: 'bad-board-file',
    });
  });
});
