import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BOARDS_DIRECTORY } from '../../src/boards/load.js';
import { addBuildCommand } from '../../src/commands/build.js';
import { addDoctorCommand } from '../../src/commands/doctor.js';
import { addEmulateCommand } from '../../src/commands/emulate.js';
import { findProgram } from '../../src/compile/find-program.js';
import { IMAGES } from '../firmware/models.js';
import { runCommand } from './run-command.js';

/** One JSON file in a folder of the user's makes a board: no code is touched. */

const isMissing =
  (await findProgram('arm-none-eabi-gcc')) === null || (await findProgram('qemu-system-arm')) === null;

let folder: string;
let common: string[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-boards-dir-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  const pico = JSON.parse(await readFile(path.join(BOARDS_DIRECTORY, 'pico.json'), 'utf8'));
  const mine = {
    ...{ ...pico, id: 'my-pico', name: 'My Pico' },
    memory: { ...pico.memory, flashBytes: 16 * 2 ** 20 },
  };
  await mkdir(path.join(folder, 'boards'));
  await writeFile(path.join(folder, 'boards', 'my-pico.json'), JSON.stringify(mine));
  await writeFile(path.join(folder, 'model.flm'), IMAGES.small);
  common = ['--boards-dir', path.join(folder, 'boards')];
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('a board of another folder', () => {
  it.skipIf(isMissing)('is built like one that ships', async () => {
    const out = path.join(folder, 'project');
    const { stdout, exitCode } = await runCommand(
      addBuildCommand,
      ...['build', '--board', 'my-pico', ...common, '--model', path.join(folder, 'model.flm')],
      ...['--out', out, '--json'],
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      board: 'my-pico',
      framework: 'bare',
      artifacts: ['firmware.elf', 'firmware.bin', 'firmware.uf2'].map((name) => path.join(out, name)),
      flash: { available: 16 * 2 ** 20 },
      parity: { status: 'match' },
      instructionsPerToken: expect.any(Number),
    });
  });

  it.skipIf(isMissing)('is emulated', async () => {
    const { stdout } = await runCommand(
      addEmulateCommand,
      ...['emulate', '--board', 'my-pico', ...common, '--model', path.join(folder, 'model.flm')],
      ...['--prompt', 'Tom', '--tokens', '3', '--json'],
    );
    expect(JSON.parse(stdout)).toMatchObject({ board: 'my-pico', text: expect.stringMatching(/^Tom/) });
  });

  it.skipIf(isMissing)('has its tools checked', async () => {
    const { stdout } = await runCommand(addDoctorCommand, 'doctor', '--require', 'my-pico', ...common);
    expect(stdout).toContain('Everything that my-pico needs is installed.');
  });

  it('is unknown without the folder', async () => {
    await expect(runCommand(addDoctorCommand, 'doctor', '--require', 'my-pico')).rejects.toMatchObject({
      code: 'unknown-board',
    });
  });
});
