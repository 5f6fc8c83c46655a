import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { BUILD_LOG } from '../../src/compile/build-log.js';
import { make } from '../../src/compile/make.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { EXIT_DOES_NOT_FIT, EXIT_FAILED } from '../../src/errors.js';
import { generateProject } from '../../src/generate/project.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

const MAKEFILE =
  'all: program.o\nprogram.o: program.c\n\tgcc -c -o $@ $<\nemulator:\n\t@echo nothing to do\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-make-'));
  await writeFile(path.join(folder, 'Makefile'), MAKEFILE);
});
afterEach(() => rm(folder, { recursive: true }));

it('a compile error is summarised in a line, and the whole log is kept', async () => {
  await writeFile(
    path.join(folder, 'program.c'),
    'int f(void) { return first; }\nint g(void) { return second; }\n',
  );
  const log = path.join(folder, BUILD_LOG);
  await expect(make(folder, 'all')).rejects.toMatchObject({
    code: 'compile-failed',
    exitCode: EXIT_FAILED,
    what: expect.stringMatching(/^The firmware does not compile: program\.c:1:\d+: error: .*first.*$/),
    action: expect.stringContaining(log),
  });
  const text = await readFile(log, 'utf8');
  expect(text).toContain('gcc -c -o program.o program.c');
  expect(text).toMatch(/program\.c:2:.*second/);
});

it('what compiles leaves its log as well, one target after the other', async () => {
  await writeFile(path.join(folder, 'program.c'), 'int f(void) { return 1; }\n');
  await make(folder, 'all');
  await make(folder, 'emulator');
  expect(await readFile(path.join(folder, BUILD_LOG), 'utf8')).toMatch(
    /^make all\n[\s\S]*\nmake emulator\nnothing to do/,
  );
});

it.each([
  ['pico', 'flash', { flashBytes: 8192 }, /PROGRAM lacks [\d,]+ bytes/],
  ['pico', 'RAM', { ramBytes: 1024 }, /RAM lacks [\d,]+ bytes/],
  ['pico', 'the stack', { ramBytes: 1536 }, /leaves no room for the stack/],
  ['esp32c3', 'flash', { flashBytes: 8192 }, /do not fit the flash/],
  ['uno-r4', 'flash', { flashBytes: 8192 }, /PROGRAM lacks [\d,]+ bytes/],
  ['uno-r4', 'the stack', { ramBytes: 1536 }, /leaves no room for the stack/],
])('a firmware for %s that the linker finds too large for %s does not fit', async (id, _, memory, reason) => {
  const board = await findBoard(id);
  const { directory } = await generateProject({
    image: writeImage(makeRandomModel(SMALL_CONFIG, 1)),
    board: { ...board, memory: { ...board.memory, ...memory } },
    framework: 'bare',
    directory: path.join(folder, 'project'),
    toolchain: findToolchain(board.toolchain),
    emulatorPort: null,
  });
  await expect(make(directory, 'all')).rejects.toMatchObject({
    code: 'does-not-fit',
    exitCode: EXIT_DOES_NOT_FIT,
    what: expect.stringMatching(reason),
  });
});
