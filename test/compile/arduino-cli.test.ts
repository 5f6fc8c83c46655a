import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compileWithArduino } from '../../src/compile/arduino-cli.js';

/** The real arduino-cli needs downloads of hundreds of megabytes; what it says and leaves is imitated. */
let folder: string;
let sketch: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-arduino-cli-'));
  sketch = path.join(folder, 'story');
  await mkdir(sketch);
  vi.stubEnv('PATH', `${folder}${path.delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function pretend(script: string): Promise<void> {
  const program = path.join(folder, 'arduino-cli');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
}

it('what arduino-cli made is listed, and its words are kept', async () => {
  await pretend(
    'mkdir "$3"; touch "$3/story.ino.bin" "$3/story.ino.elf" "$3/story.ino.map" "$3/core.a"; echo "$@"',
  );
  const output = path.join(sketch, 'build');
  expect(await compileWithArduino(sketch)).toEqual(
    ['story.ino.bin', 'story.ino.elf'].map((name) => path.join(output, name)),
  );
  expect(await readFile(path.join(sketch, 'build.log'), 'utf8')).toContain(
    `\ncompile --build-path ${output} ${sketch}\n`,
  );
});

it('a compile error is summarised in a line', async () => {
  await pretend(
    'echo "core.c:3:1: error: no such thing."; echo "Error during build: exit status 1" >&2; exit 1',
  );
  await expect(compileWithArduino(sketch)).rejects.toMatchObject({
    code: 'compile-failed',
    what: 'arduino-cli cannot build the project: core.c:3:1: error: no such thing.',
    action: expect.stringContaining(path.join(sketch, 'build.log')),
  });
});

it('a sketch that is too big does not fit', async () => {
  await pretend(
    'echo "Sketch too big; see https://support.arduino.cc/hc/en-us/articles/360013825179 for tips."; exit 1',
  );
  await expect(compileWithArduino(sketch)).rejects.toMatchObject({
    code: 'does-not-fit',
    exitCode: 5,
    what: 'The program does not fit: Sketch too big.',
  });
});
