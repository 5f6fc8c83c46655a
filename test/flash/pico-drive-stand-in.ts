import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Mount } from '../../src/flash/uf2-volumes.js';
import { folderWith } from './a-project.js';

const BLOCK_BYTES = 512;
const LOOK_MILLISECONDS = 10;

/**
 * A stand-in for the drive of a Pico's boot loader: a folder that goes as soon as every block of a UF2 file is in it, by
 * the count that its first block gives. It is no emulator; a real boot loader takes blocks as they come to its disk.
 */
export class PicoDriveStandIn {
  /** What was copied to it, once it is gone. */
  taken: Uint8Array | null = null;

  private constructor(readonly mount: Mount) {}

  /** @param takes whether it ever goes */
  static async plugIn(boardId: string, { takes = true } = {}): Promise<PicoDriveStandIn> {
    const folder = await folderWith({
      'INFO_UF2.TXT': `UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: ${boardId}\r\n`,
      'INDEX.HTM': '<html></html>',
    });
    const drive = new PicoDriveStandIn({ path: folder, device: null });
    if (takes) {
      const timer = setInterval(() => drive.look().catch(() => undefined), LOOK_MILLISECONDS);
      onTestFinished(() => clearInterval(timer));
    }
    return drive;
  }

  private async look(): Promise<void> {
    const name = (await readdir(this.mount.path)).find((file) => file.endsWith('.uf2'));
    if (name === undefined) return;
    const file = await readFile(path.join(this.mount.path, name));
    if (file.length < BLOCK_BYTES || file.length < file.readUInt32LE(24) * BLOCK_BYTES) return;
    this.taken ??= new Uint8Array(file);
    await rm(this.mount.path, { recursive: true, force: true });
  }
}
