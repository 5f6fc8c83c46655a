import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { make } from '../../src/compile/make.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { runVendorTool } from '../../src/compile/vendor-run.js';
import { requireEmulator } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { EXIT_FAILED } from '../../src/errors.js';
import { generateProject } from '../../src/generate/project.js';
import { IMAGES } from '../firmware/models.js';

/** Bytes of a disk that holds a project of a small model, and a few of the files that its compiler makes. */
const DISK_BYTES = 1 << 19;

let folder: string;
let disk: string;
beforeEach(async (context) => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-full-disk-'));
  disk = path.join(folder, 'disk');
  await mkdir(disk);
  const mounted = await execa('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk], {
    reject: false,
  });
  if (mounted.failed) context.skip('a small disk can only be made by root');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await execa('umount', [disk], { reject: false });
  await rm(folder, { recursive: true });
});

/** Fills the disk to its last byte. */
async function fillDisk(): Promise<void> {
  await expect(writeFile(path.join(disk, 'filler'), new Uint8Array(2 * DISK_BYTES))).rejects.toThrow(
    'ENOSPC',
  );
}

/** @param directory of a project */
async function generate(directory: string) {
  const board = await findBoard('host');
  const toolchain = findToolchain(board.toolchain);
  const request = { image: IMAGES.small, board, framework: 'bare', directory, toolchain } as const;
  return generateProject({ ...request, emulatorPort: null });
}

const FULL = { code: 'write-failed', exitCode: EXIT_FAILED, what: expect.stringMatching(/no space left/i) };

describe('a disk that is full', () => {
  it('before the project is written', async () => {
    await fillDisk();
    await expect(generate(path.join(disk, 'project'))).rejects.toMatchObject(FULL);
  });

  it('before make is called', async () => {
    const { directory } = await generate(path.join(disk, 'project'));
    await fillDisk();
    await expect(make(directory, 'all')).rejects.toMatchObject(FULL);
  });

  it("when a vendor's tool is called", async () => {
    await fillDisk();
    const run = runVendorTool({ program: 'true', words: [], directory: disk, tooBig: /too big/ });
    await expect(run).rejects.toMatchObject(FULL);
  });

  it('when an emulator is compiled', async () => {
    vi.stubEnv('XDG_CACHE_HOME', disk);
    await mkdir(path.join(disk, 'flashlm-mcu'));
    await fillDisk();
    await expect(requireEmulator(findEmulator('simavr-atmega2560'))).rejects.toMatchObject(FULL);
  });

  it('though the log has room, because temporary files have none', async () => {
    await fillDisk();
    const words = ['-c', 'head -c 10000 /dev/zero > "$0/temporary"', disk];
    const run = runVendorTool({ program: 'sh', words, directory: folder, tooBig: /too big/ });
    await expect(run).rejects.toMatchObject(FULL);
    expect(await readFile(path.join(folder, 'build.log'), 'utf8')).toContain('No space left on device');
  });
});
