import { access, open } from 'node:fs/promises';
import path from 'node:path';
import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { isUf2 } from '../generate/uf2.js';
import { findRunning, touch, waitFor } from './touch.js';
import { chooseVolume, isStillThere, type Mount, type Uf2Volume } from './uf2-volumes.js';
import type { FindPorts } from './usb-ports.js';

/** So much is handed to the drive at a time: progress that means something, and an end in the middle. */
const PIECE_BYTES = 32 * 1024;
/** A drive appears after a touch, or goes after the last byte, within this. */
const DRIVE_MILLISECONDS = 10_000;

export interface Uf2Job {
  board: Board;
  /** What INFO_UF2.TXT must say. */
  boardId: string;
  /** Name of the file, for messages. */
  file: string;
  content: Uint8Array;
  /** A drive that the user named. */
  volume: string | undefined;
  /** The serial port of the running program, if the user named one. */
  port: string | undefined;
  findMounts: () => Promise<Mount[]>;
  findPorts: FindPorts;
  signal?: AbortSignal;
  /** @param share 0..1 of the writing */
  onProgress: (share: number, doing: string) => void;
  /** For how long a drive is waited for that comes, or goes. */
  patienceMilliseconds?: number;
}

/**
 * Copies a UF2 file to the drive of a board's boot loader, which restarts the board when it has all of it: then the
 * drive goes, and that is how success is known. A running program of an Arduino core is asked for the boot loader first.
 *
 * @returns the drive
 * @throws FlashlmError bad-image, port-failed, wrong-chip: nothing was written; flash-failed
 */
export async function flashUf2(job: Uf2Job): Promise<string> {
  if (!isUf2(job.content)) {
    // A boot loader passes over what is no UF2 block, and says nothing.
    throw new FlashlmError(
      'bad-image',
      `${job.file} is no whole UF2 file; nothing was written.`,
      'Build it again.',
    );
  }
  const patience = job.patienceMilliseconds ?? DRIVE_MILLISECONDS;
  job.onProgress(0, 'looking for the drive');
  const volume = await findVolume(job, patience);
  await copy(job, volume);
  job.onProgress(1, 'waiting for the board to restart');
  const gone = await waitFor(async () => ((await isStillThere(volume)) ? null : true), patience);
  if (gone !== null) return volume.path;
  throw new FlashlmError(
    'flash-failed',
    `The drive ${volume.path} is still there, so the board has not taken the firmware; what it holds is unknown.`,
    'Plug the board in anew with BOOTSEL held, and run this again.',
  );
}

async function findVolume(job: Uf2Job, patience: number): Promise<Uf2Volume> {
  const { board, boardId, findMounts, findPorts } = job;
  const look = async () => chooseVolume(board, boardId, await findMounts(), job.volume);
  const mounted = await look();
  if (mounted !== null) return mounted;
  const running = await findRunning(board, job.port, findPorts);
  if (running !== null) {
    job.onProgress(0, 'asking the running program for the boot loader');
    await touch(running.path);
    const came = await waitFor(look, patience);
    if (came !== null) return came;
  }
  throw new FlashlmError(
    'port-failed',
    `No drive "${boardId}" of a board "${board.id}" is mounted${running === null ? '' : `, and ${running.path} does not bring one`}; nothing was written.`,
    await howToGetDrive(boardId),
  );
}

/** A computer without a desktop does not mount drives by itself. */
async function howToGetDrive(boardId: string): Promise<string> {
  const device = `/dev/disk/by-label/${boardId}`;
  const isPluggedIn = await access(device).then(
    () => true,
    () => false,
  );
  return isPluggedIn
    ? `Its drive is plugged in: mount it with "udisksctl mount -b ${device}", then run this again.`
    : 'Hold BOOTSEL while plugging the board in; if its drive is mounted elsewhere, name it with --volume.';
}

async function copy(job: Uf2Job, volume: Uf2Volume): Promise<void> {
  const { content, onProgress, signal } = job;
  let done = 0;
  let isInterrupted = false;
  try {
    const target = await open(path.join(volume.path, path.basename(job.file)), 'w');
    try {
      while (done < content.length) {
        isInterrupted = signal?.aborted === true;
        if (isInterrupted) break;
        const piece = content.subarray(done, done + PIECE_BYTES);
        await target.writeFile(piece);
        done += piece.length;
        await target.datasync();
        onProgress(done / content.length, 'writing');
      }
    } finally {
      await target.close();
    }
  } catch (cause) {
    // The board may restart before the last piece is confirmed.
    if (done === content.length && !(await isStillThere(volume))) return;
    throw copyFailure(volume, done, cause);
  }
  if (!isInterrupted) return;
  throw new FlashlmError('flash-failed', `Flashing was interrupted; ${stateAfter(done)}.`, 'Run this again.');
}

function copyFailure({ path }: Uf2Volume, done: number, cause: unknown): FlashlmError {
  const reason = cause instanceof Error ? cause.message.replace(/^\w+: |,.*$/g, '') : String(cause);
  return new FlashlmError(
    'flash-failed',
    `Writing to ${path} failed (${reason}); ${stateAfter(done)}.`,
    'Hold BOOTSEL while plugging the board in, and run this again.',
    { cause },
  );
}

function stateAfter(bytes: number): string {
  return bytes === 0 ? 'nothing was written' : 'the firmware on the board is incomplete';
}
