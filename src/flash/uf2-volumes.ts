import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';

/** What every UF2 boot loader shows on its drive; the format is described in microsoft/uf2 on GitHub. */
const INFO_FILE = 'INFO_UF2.TXT';

/** A folder where a drive is mounted. */
export interface Mount {
  path: string;
  /** Its device in /dev; null where the system does not tell. */
  device: string | null;
}

/** A drive of a UF2 boot loader. */
export interface Uf2Volume extends Mount {
  /** What it says behind "Board-ID:". */
  boardId: string;
}

/** The drives of UF2 boot loaders among those that are mounted. */
export async function findUf2Volumes(mounts: Mount[]): Promise<Uf2Volume[]> {
  const volumes = await Promise.all(mounts.map(readVolume));
  return volumes.filter((volume) => volume !== null);
}

/** null for what is no drive of a UF2 boot loader. */
async function readVolume(mount: Mount): Promise<Uf2Volume | null> {
  const info = await readFile(path.join(mount.path, INFO_FILE), 'utf8').catch(() => '');
  const boardId = /^Board-ID:\s*(\S.*?)\s*$/m.exec(info)?.[1];
  return boardId === undefined ? null : { ...mount, boardId };
}

/** Whether a drive has not gone yet. A device that is pulled may leave its files in the system's memory. */
export async function isStillThere({ path: folder, device }: Uf2Volume): Promise<boolean> {
  const traces = [path.join(folder, INFO_FILE), ...(device === null ? [] : [device])];
  return Promise.all(traces.map((file) => access(file))).then(
    () => true,
    () => false,
  );
}

/** What is mounted now. */
export async function findMounts(): Promise<Mount[]> {
  if (process.platform === 'darwin') {
    const names = await readdir('/Volumes').catch(() => []);
    return names.map((name) => ({ path: `/Volumes/${name}`, device: null }));
  }
  if (process.platform === 'win32') {
    return [...'DEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => ({ path: `${letter}:\\`, device: null }));
  }
  return parseMounts(await readFile('/proc/self/mounts', 'utf8').catch(() => ''));
}

/** @param table of Linux: device, folder, kind of file system. A UF2 drive is a FAT one; others may be slow to ask. */
export function parseMounts(table: string): Mount[] {
  const unescaped = (text: string) =>
    text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
  return table
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , kind]) => kind === 'vfat' || kind === 'msdos')
    .map(([device, folder]) => ({ path: unescaped(folder), device: unescaped(device) }));
}

/**
 * The one drive that is the board's; null if there is none at all.
 *
 * @param given a drive that the user named
 * @throws FlashlmError port-failed if there are several, or the one named is none; wrong-chip if there are only others
 */
export async function chooseVolume(
  board: Board,
  boardId: string,
  mounts: Mount[],
  given?: string,
): Promise<Uf2Volume | null> {
  const volumes = await findUf2Volumes(given === undefined ? mounts : [{ path: given, device: null }]);
  if (given !== undefined && volumes.length === 0) {
    throw new FlashlmError(
      'port-failed',
      `${given} is no drive of a UF2 boot loader: it has no ${INFO_FILE} with a Board-ID.`,
      'Hold BOOTSEL while plugging the board in; a drive appears. Nothing was written.',
    );
  }
  const fitting = volumes.filter((volume) => volume.boardId === boardId);
  if (fitting.length === 1) return fitting[0];
  if (fitting.length > 1) {
    throw new FlashlmError(
      'port-failed',
      `${fitting.length} drives can be the board "${board.id}".`,
      `Choose one with --volume: ${fitting.map(({ path }) => path).join(', ')}.`,
    );
  }
  if (volumes.length === 0) return null;
  const [other] = volumes;
  throw new FlashlmError(
    'wrong-chip',
    `The drive ${other.path} is that of an ${other.boardId}, and the firmware is for an ${boardId}; nothing was written.`,
    'Name the right --board, or hold BOOTSEL while plugging in the right one.',
  );
}
