import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { IMAGES } from '../firmware/models.js';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'flashlm-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const filesInCache = () => readdir(path.join(cache, 'flashlm-mcu', 'firmware'));

it('firmware is compiled once, and then found without a compiler', async () => {
  const board = await findBoard('host');
  const first = await emulatorFirmware(IMAGES.small, board);
  vi.stubEnv('PATH', '');
  expect(await emulatorFirmware(IMAGES.small, board)).toEqual(first);
  expect(await filesInCache()).toEqual([path.basename(first.elfFile)]);
});

it('another image or board makes another firmware', async () => {
  const board = await findBoard('host');
  const firmware = [
    await emulatorFirmware(IMAGES.small, board),
    await emulatorFirmware(IMAGES.odd, board),
    await emulatorFirmware(IMAGES.small, { ...board, id: 'other' }),
  ];
  expect(new Set(firmware.map(({ elfFile }) => elfFile)).size).toBe(3);
});

it('two runs at the same time do not disturb each other', async () => {
  const board = await findBoard('host');
  const [a, b] = await Promise.all([
    emulatorFirmware(IMAGES.small, board),
    emulatorFirmware(IMAGES.small, board),
  ]);
  expect(a).toEqual(b);
  expect(await filesInCache()).toEqual([path.basename(a.elfFile)]);
});

it('without a compiler it says which package to install, and leaves nothing behind', async () => {
  const board = await findBoard('host');
  vi.stubEnv('PATH', '');
  await expect(emulatorFirmware(IMAGES.small, board)).rejects.toMatchObject({
    code: 'missing-tool',
    exitCode: 3,
    action: 'On Debian: apt-get install gcc.',
  });
  expect(await readdir(cache)).toEqual([]);
});
