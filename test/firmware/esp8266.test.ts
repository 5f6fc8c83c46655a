import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Board, Framework } from '../../src/boards/board.js';
import { findBoard } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { listedSegments } from '../../src/flash/listed-segments.js';
import { allowanceFor } from '../../src/report/allowances.js';
import { ARDUINO_STAND_IN, crossCompile, linkForHost, sourcesBelow } from './compile-with-stand-in.js';
import { IMAGES, MODELS } from './models.js';
import { packageAs } from './packaging-boards.js';
import { consoleLines, expectedTrace } from './reference.js';
import { makeWorkspace, traceLines } from './workspace.js';

const DEFINITIONS = ['-DARDUINO_ARCH_ESP8266'];

const isCompilerMissing = (await findProgram('xtensa-lx106-elf-g++')) === null;
const workspace = await makeWorkspace();
const esp8266 = await findBoard('esp8266');
const region = esp8266.memory.paged?.region ?? { offset: 0, bytes: 0 };

/** The board, but with so little flash beside the program that no model of these tests fits there. */
function crowded(pageBytes: number): Board {
  const memory = {
    ...esp8266.memory,
    flashBytes: allowanceFor(esp8266, 'arduino').flashBytes + 1,
    paged: { bytes: pageBytes, region },
  };
  return { ...esp8266, memory };
}

/** The chip's whole flash, with something where the model belongs. */
async function flashWith(name: string, content: Uint8Array): Promise<string> {
  const file = path.join(workspace, name);
  await writeFile(file, Buffer.concat([Buffer.alloc(region.offset, 0xff), content]));
  return file;
}

async function linkSketch(name: string, pageBytes: number): Promise<string> {
  const directory = await packageAs('arduino', path.join(workspace, name), crowded(pageBytes));
  const sources = [...(await sourcesBelow(directory)), path.join(ARDUINO_STAND_IN, 'arduino.cpp')];
  return linkForHost(path.join(workspace, `program-${name}`), sources, [ARDUINO_STAND_IN], DEFINITIONS);
}

function run(program: string, flashFile: string, input: string | Uint8Array, more: NodeJS.ProcessEnv = {}) {
  return execa(program, { input, encoding: 'latin1', env: { FLASHLM_FLASH_FILE: flashFile, ...more } });
}

describe('a sketch for an ESP8266 with its model apart', () => {
  let program: string;
  beforeAll(async () => {
    program = await linkSketch('Page512', 512);
  });

  it.each([256, 512, 4096])(
    'tells what the reference tells, reading %i bytes at a time',
    async (pageBytes) => {
      const sketch = pageBytes === 512 ? program : await linkSketch(`Page${pageBytes}`, pageBytes);
      const request = {
        prompt: Buffer.from('a cab'),
        seed: 3,
        temperatureThousandths: 900,
        topK: 20,
        tokens: 8,
      };
      const { stdout } = await run(sketch, await flashWith('flash', IMAGES.wide), consoleLines(request));
      expect(traceLines(stdout)).toEqual(expectedTrace(MODELS.wide, request));
    },
  );

  const missing = `is damaged, missing or another model's; write model.flm to flash at 0x00200000`;
  it.each([
    ['none', new Uint8Array(0)],
    ['another', IMAGES.odd],
    ['half', IMAGES.wide.subarray(0, IMAGES.wide.length / 2)],
  ])('says so where its flash holds %s', async (name, content) => {
    const { stdout } = await run(program, await flashWith(name, content), 'Once\n');
    const complaints = stdout.split('\r\n').filter((line) => line.includes(missing));
    expect(complaints).toHaveLength(2); // at the beginning, and in place of a story
  });

  const readsOfCheck = Math.ceil(IMAGES.wide.length / 512) + 400; // a page at a time, and what the table says
  it.each([
    ['from the beginning', 0, 0],
    ['in the middle of a story', readsOfCheck, 1],
  ])('says so where its flash cannot be read %s', async (_, reads, prompts) => {
    const flash = await flashWith('broken', IMAGES.wide);
    const { stdout } = await run(program, flash, 'Once\nupon\n', { FLASHLM_FLASH_READS: `${reads}` });
    const [before, ...complaints] = stdout.split('error: ');
    expect(before.split('> ')).toHaveLength(prompts + 1);
    expect(complaints).toHaveLength(3 - prompts); // when it fails, and in answer to each line that follows
    const complaint = 'the image cannot be read from flash; switch the board off and on\r\n> ';
    for (const text of complaints) expect(text.startsWith(complaint)).toBe(true);
  });
});

describe.each<[Framework, string]>([
  ['arduino', '.'],
  ['arduino-library', 'FlashLM'],
  ['platformio', '.'],
])('a project for %s with its model apart', (framework, readmeFolder) => {
  const folder = path.join(workspace, framework);
  beforeAll(() => packageAs(framework, folder, crowded(512)));

  it('has the image as a file, not in its sources, and says where it belongs', async () => {
    expect((await readFile(path.join(folder, 'model.flm'))).equals(IMAGES.wide)).toBe(true);
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => /flashlm_image\./.test(name))).toEqual([]);
    const readme = await readFile(path.join(folder, readmeFolder, 'README.md'), 'utf8');
    expect(readme).toContain('write_flash 0x200000 model.flm');
    expect(readme).toContain('--model-only');
  });

  it('tells `flashlm-mcu flash` where it belongs', async () => {
    const project = { folder, board: esp8266, report: null };
    expect(await listedSegments(project)).toEqual([
      { path: path.join(folder, 'model.flm'), kind: 'model', offset: 0x200000 },
    ]);
  });

  it.skipIf(isCompilerMissing)('compiles without warnings', async () => {
    const sources = await sourcesBelow(folder);
    const headers = sources.find((source) => source.endsWith('FlashLMConsole.cpp'));
    const includes = [ARDUINO_STAND_IN, ...(headers === undefined ? [] : [path.dirname(headers)])];
    await crossCompile(findToolchain('xtensa-lx106'), sources, includes, DEFINITIONS);
  });
});

it.skipIf(isCompilerMissing)(
  'a model that fits beside the program is part of it, and read through the same driver',
  async () => {
    const directory = await packageAs('arduino', path.join(workspace, 'Beside'), esp8266);
    expect(await readdir(directory)).not.toContain('model.flm');
    await crossCompile(
      findToolchain('xtensa-lx106'),
      await sourcesBelow(directory),
      [ARDUINO_STAND_IN],
      DEFINITIONS,
    );
  },
);
