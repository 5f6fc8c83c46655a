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

describe('the boards that ship', () => {
  it('are valid', async () => {
    const ids = (await loadBoards()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['esp32', 'esp32c3', 'host', 'pico']));
  });

  it('have a port where they are built bare', async () => {
    for (const { port } of (await loadBoards()).filter(({ frameworks }) => frameworks.includes('bare'))) {
      expect((await loadPort(port)).files.length).toBeGreaterThan(0);
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

it('the example of docs/adding-a-board.md is a valid board', async () => {
  const page = await readFile(new URL('../../docs/adding-a-board.md', import.meta.url), 'utf8');
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  await add(example, 'pico2.json');
  expect(await findBoard('pico2', folder)).toMatchObject({ id: 'pico2', defaultFramework: 'arduino' });
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

  it('finds a board that one JSON file adds', async () => {
    await add({ ...pico, id: 'my-board', name: 'My board' }, 'my-board.json');
    expect(await findBoard('my-board', folder)).toMatchObject({
      name: 'My board',
      toolchain: pico.toolchain,
    });
  });
});

describe('a wrong board file', () => {
  it.each<[string, object, ...string[]]>([
    ['a clock in words', { chip: { core: 'M0+', cores: 2, clockHz: '133 MHz' } }, 'chip.clockHz', 'number'],
    ['an unknown framework', { frameworks: ['zephyr'] }, 'frameworks.0', 'bare', 'arduino', 'esp-idf'],
    ['a default that is none of its frameworks', { defaultFramework: 'esp-idf' }, 'defaultFramework', 'bare'],
    ['an unknown compiler', { toolchain: 'cortex-m7' }, 'toolchain', 'cortex-m0plus', 'riscv32imc'],
    ['an unknown emulator', { emulator: 'qemu' }, 'emulator', 'qemu-arm-mps2', 'qemu-riscv32-virt'],
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

  it('that is no JSON is named', async () => {
    const file = await add('{ "id": ');
    expect((await failure(loadBoards(folder))).what).toBe(`${file}: is no JSON.`);
  });

  it('and a missing folder is named', async () => {
    const error = await failure(loadBoards(path.join(folder, 'none')));
    expect(error).toMatchObject({ code: 'missing-file', exitCode: EXIT_WRONG_USE });
  });
});
