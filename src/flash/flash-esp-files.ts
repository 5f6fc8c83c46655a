import { realpath } from 'node:fs/promises';
import type { Board } from '../boards/board.js';
import { OWN_USB } from '../boards/own-usb.js';
import { FlashlmError } from '../errors.js';
import { choosePort } from './choose-port.js';
import type { EspJob } from './esp.js';
import type { FlashContent } from './esp-content.js';
import type { FlashedFile } from './project.js';
import type { FindPorts } from './usb-ports.js';

/** Whoever flashes through the chip's own USB port would otherwise wait there for a word. */
const OTHER_PORT =
  "This is the chip's own USB port; the firmware speaks over the board's USB-to-serial bridge, unless it was built to speak " +
  'here, as README.md of a project for Arduino, PlatformIO or ESP-IDF explains.';

export interface EspRequest extends Omit<EspJob, 'port' | 'chip' | 'files'> {
  board: Board;
  /** What the user named. */
  port: string | undefined;
  findPorts: FindPorts;
}

/**
 * Brings files into the flash of an ESP chip.
 *
 * @param chip as esptool calls it
 * @param contents of the files, in the same order
 * @returns the port, the files with what became of each, and warnings
 * @throws FlashlmError as `flashEsp` does; does-not-fit if one file would overwrite another
 */
export async function flashEspFiles(
  request: EspRequest,
  chip: string,
  files: FlashedFile[],
  contents: Uint8Array[],
): Promise<{ target: string; files: FlashedFile[]; warnings: string[] }> {
  const port = choosePort(request.board, await request.findPorts(), await withoutLinks(request.port));
  const segments = files.map(
    ({ path, kind, offset }, index): FlashContent => ({
      path,
      kind,
      offset: offset ?? 0,
      content: new Uint8Array(contents[index]),
    }),
  );
  requireApart(segments);
  // esptool-js takes a while to load, which the other commands must not wait for.
  const { flashEsp } = await import('./esp.js');
  const { written, warnings } = await flashEsp({ ...request, port, chip, files: segments });
  return {
    target: port.path,
    warnings: [...warnings, ...(port.usb === OWN_USB ? [OTHER_PORT] : [])],
    files: files.map((file) => ({
      ...file,
      action: written.some(({ path }) => path === file.path) ? 'written' : 'unchanged',
    })),
  };
}

/** @throws FlashlmError does-not-fit if a file would overwrite the one that follows it */
function requireApart(files: FlashContent[]): void {
  const inOrder = [...files].sort((a, b) => a.offset - b.offset);
  for (const [index, { path, offset, content }] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next === undefined || offset + content.length <= next.offset) continue;
    throw new FlashlmError(
      'does-not-fit',
      `${path} ends behind 0x${next.offset.toString(16)}, where ${next.path} begins; nothing was written.`,
      'Give it a larger partition, or build a smaller model.',
    );
  }
}

/** Names like /dev/serial/by-id/... are links to a port whose USB ids are known. */
async function withoutLinks(port: string | undefined): Promise<string | undefined> {
  return port === undefined ? undefined : realpath(port).catch(() => port);
}
