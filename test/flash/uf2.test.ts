import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { flashUf2, type Uf2Job } from '../../src/flash/uf2.js';
import { parseMounts } from '../../src/flash/uf2-volumes.js';
import { UF2_FAMILY_RP2040, uf2Of } from '../../src/generate/uf2.js';
import { folderWith } from './a-project.js';
import { PicoDriveStandIn } from './pico-drive-stand-in.js';

/** Some pieces and a bit. */
const FIRMWARE = uf2Of(new Uint8Array(randomBytes(40_000)), 0x10000000, UF2_FAMILY_RP2040);

async function flash(drives: PicoDriveStandIn[], more: Partial<Uf2Job> = {}): Promise<string> {
  return flashUf2({
    board: await findBoard('pico'),
    boardId: 'RPI-RP2',
    file: 'build/pico/firmware.uf2',
    content: FIRMWARE,
    volume: undefined,
    port: undefined,
    findMounts: async () => drives.map(({ mount }) => mount),
    findPorts: async () => [],
    onProgress: () => undefined,
    patienceMilliseconds: 2000,
    ...more,
  });
}

describe("the drive of a Pico's boot loader", () => {
  it('is found by what INFO_UF2.TXT says, and gets the whole file', async () => {
    const [other, pico] = [await PicoDriveStandIn.plugIn('RP2350'), await PicoDriveStandIn.plugIn('RPI-RP2')];
    const shares: number[] = [];
    const volume = await flash([other, pico], { onProgress: (share) => shares.push(share) });
    expect(volume).toBe(pico.mount.path);
    expect(pico.taken).toEqual(FIRMWARE);
    expect(other.taken).toBeNull();
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(1);
  });

  it('is the one that the user names', async () => {
    const [first, second] = [
      await PicoDriveStandIn.plugIn('RPI-RP2'),
      await PicoDriveStandIn.plugIn('RPI-RP2'),
    ];
    await flash([first, second], { volume: second.mount.path });
    expect(second.taken).toEqual(FIRMWARE);
    expect(first.taken).toBeNull();
  });

  it('is asked for where there are two', async () => {
    const drives = [await PicoDriveStandIn.plugIn('RPI-RP2'), await PicoDriveStandIn.plugIn('RPI-RP2')];
    await expect(flash(drives)).rejects.toMatchObject({
      code: 'port-failed',
      what: '2 drives can be the board "pico".',
      action: `Choose one with --volume: ${drives.map(({ mount }) => mount.path).join(', ')}.`,
    });
  });

  it('is left alone if it is that of another chip', async () => {
    const drive = await PicoDriveStandIn.plugIn('RP2350');
    await expect(flash([drive])).rejects.toMatchObject({ code: 'wrong-chip', exitCode: 1 });
    await expect(flash([], { volume: drive.mount.path })).rejects.toMatchObject({ code: 'wrong-chip' });
    expect((await readdir(drive.mount.path)).sort()).toEqual(['INDEX.HTM', 'INFO_UF2.TXT']);
  });

  it('is asked for where there is none', async () => {
    await expect(flash([])).rejects.toMatchObject({
      code: 'port-failed',
      what: 'No drive "RPI-RP2" of a board "pico" is mounted; nothing was written.',
    });
    const folder = await folderWith({ 'a.txt': 'no drive of a boot loader' });
    await expect(flash([], { volume: folder })).rejects.toThrow(/has no INFO_UF2\.TXT/);
  });

  it('is reported if it stays', async () => {
    const drive = await PicoDriveStandIn.plugIn('RPI-RP2', { takes: false });
    await expect(flash([drive], { patienceMilliseconds: 300 })).rejects.toMatchObject({
      code: 'flash-failed',
      what: `The drive ${drive.mount.path} is still there, so the board has not taken the firmware; what it holds is unknown.`,
    });
  });

  it('gets nothing that is no UF2 file', async () => {
    const drive = await PicoDriveStandIn.plugIn('RPI-RP2');
    for (const content of [FIRMWARE.subarray(0, 1000), FIRMWARE.subarray(256, 768), new Uint8Array(0)]) {
      await expect(flash([drive], { content })).rejects.toMatchObject({ code: 'bad-image' });
    }
    expect((await readdir(drive.mount.path)).sort()).toEqual(['INDEX.HTM', 'INFO_UF2.TXT']);
  });

  it('says what is on the board when it is interrupted', async () => {
    const drive = await PicoDriveStandIn.plugIn('RPI-RP2');
    const interrupt = new AbortController();
    const onProgress = (share: number) => {
      if (share > 0) interrupt.abort();
    };
    await expect(flash([drive], { signal: interrupt.signal, onProgress })).rejects.toMatchObject({
      what: 'Flashing was interrupted; the firmware on the board is incomplete.',
    });
    expect(drive.taken).toBeNull();
  });
});

it('what Linux has mounted is read with its escapes, FAT alone', () => {
  const table = [
    'proc /proc proc rw 0 0',
    '/dev/sda1 /media/a\\040b/RPI-RP2 vfat rw,nosuid 0 0',
    'server:/x /mnt/slow nfs rw 0 0',
    '',
  ];
  expect(parseMounts(table.join('\n'))).toEqual([{ path: '/media/a b/RPI-RP2', device: '/dev/sda1' }]);
});
