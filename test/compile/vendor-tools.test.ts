import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { howToCompile, VENDOR_TOOLS } from '../../src/compile/vendor-tools.js';
import { flashSegmentsFile } from '../../src/generate/flash-segments.js';

/** The real tools need downloads of gigabytes; what they say and leave is imitated. */
let folder: string;
let project: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-vendor-'));
  project = path.join(folder, 'project');
  await mkdir(project);
  vi.stubEnv('PATH', `${folder}${path.delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function pretend(program: string, script: string): Promise<void> {
  const file = path.join(folder, program);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

async function compile(framework: keyof typeof VENDOR_TOOLS): Promise<string[]> {
  return VENDOR_TOOLS[framework].compile(project, await findBoard('esp32c3'));
}

async function log(): Promise<string> {
  return readFile(path.join(project, 'build.log'), 'utf8');
}

describe('pio', () => {
  it('builds the environment of the board; its files are listed and its words kept', async () => {
    await pretend(
      'pio',
      'mkdir -p "$3/.pio/build/$5"; touch "$3/.pio/build/$5/firmware.bin" "$3/.pio/build/$5/x.o"; echo "$@"',
    );
    expect(await compile('platformio')).toEqual([path.join(project, '.pio/build/esp32c3/firmware.bin')]);
    expect(await log()).toContain(`\nrun --project-dir ${project} --environment esp32c3\n`);
  });

  it('that finds the program too large says that it does not fit', async () => {
    await pretend(
      'pio',
      'echo "Error: The program size (5 bytes) is greater than maximum allowed (4 bytes)"; exit 1',
    );
    await expect(compile('platformio')).rejects.toMatchObject({ code: 'does-not-fit', exitCode: 5 });
  });
});

describe('idf.py', () => {
  beforeEach(async () => {
    const segments = [
      { offset: 0, file: 'build/app.bin', kind: 'app' },
      { offset: 4096, file: 'model/model.flm', kind: 'model' },
    ] as const;
    const { path: name, content } = flashSegmentsFile({ chip: 'esp32c3', segments: [...segments] });
    await writeFile(path.join(project, name), content);
  });

  it('builds the folder; the files of its segments that are there are listed', async () => {
    await pretend('idf.py', 'mkdir "$2/build"; touch "$2/build/app.bin"; echo "$@"');
    expect(await compile('esp-idf')).toEqual([path.join(project, 'build/app.bin')]);
    expect(await log()).toContain(`\n-C ${project} build\n`);
  });

  it('that fails is summarised by its first error', async () => {
    await pretend(
      'idf.py',
      'echo "[1/9] -Werror x.c"; echo "main.c:3:1: error: what is this"; echo "ninja failed"; exit 2',
    );
    await expect(compile('esp-idf')).rejects.toMatchObject({
      code: 'compile-failed',
      exitCode: 1,
      what: 'idf.py cannot build the project: main.c:3:1: error: what is this.',
      action: `The whole log is ${path.join(project, 'build.log')}.`,
    });
  });

  it('that finds the program too large says that it does not fit', async () => {
    await pretend(
      'idf.py',
      'echo "Error: app partition is too small for binary stories.bin size 0x2"; exit 2',
    );
    await expect(compile('esp-idf')).rejects.toMatchObject({ code: 'does-not-fit' });
  });
});

it('arduino-cli compiles an example of the library, with the partitions of its folder', async () => {
  await pretend('arduino-cli', 'echo "$@"');
  expect(await compile('arduino-library')).toEqual([]);
  const library = path.join(project, 'FlashLM');
  expect(await log()).toContain(
    `--fqbn esp32:esp32:esp32c3:PartitionScheme=custom --library ${library} ${library}/examples/Console\n`,
  );
});

it.each([
  ['arduino', 'arduino-cli', 'https://arduino.github.io/arduino-cli'],
  ['arduino-library', 'arduino-cli', 'https://arduino.github.io/arduino-cli'],
  ['platformio', 'pio', 'https://docs.platformio.org/page/core/installation'],
  ['esp-idf', 'idf.py', 'https://docs.espressif.com/projects/esp-idf/en/stable/esp32/get-started'],
] as const)(
  'the tool of %s is named with its address where it is not installed',
  (framework, program, address) => {
    const text = howToCompile(VENDOR_TOOLS[framework], 'my project');
    expect(text.startsWith(`${program} is not installed (${address}`)).toBe(true);
    expect(text).toContain('my project');
  },
);

it('a tool that cannot be started is named', async () => {
  await pretend('pio', '');
  await writeFile(path.join(folder, 'pio'), '#!/no/such/interpreter\n');
  await expect(compile('platformio')).rejects.toMatchObject({
    code: 'compile-failed',
    what: expect.stringContaining('pio'),
  });
});
