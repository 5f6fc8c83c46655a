import { setTimeout as sleep } from 'node:timers/promises';
import { openPort } from '../serial/open-port.js';
import { choosePort } from './choose-port.js';
import type { FindPorts, UsbPort } from './usb-ports.js';

/** The rate that makes the programs of Arduino's cores give way to their boot loader, as soon as DTR falls. */
const TOUCH_BAUD_RATE = 1200;
const LINE_MILLISECONDS = 50;
/** How often is looked what has come. */
const LOOK_MILLISECONDS = 250;
/** Boards need so long at most to come back with another USB id. */
const RETURN_MILLISECONDS = 5000;

/**
 * Opens a port with 1200 baud and closes it: a program of an Arduino core then starts its boot loader.
 * @throws FlashlmError port-failed if the port cannot be opened
 */
export async function touch(path: string): Promise<void> {
  const port = await openPort(path, TOUCH_BAUD_RATE);
  // The board may be gone before the lines are set, which is what is wanted.
  await new Promise<void>((resolve) => port.set({ dtr: false }, () => resolve()));
  await sleep(LINE_MILLISECONDS);
  port.on('error', () => undefined);
  if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
}

/**
 * Has a board start its boot loader, and waits for the port that it comes back with; where none comes, it is taken that
 * the boot loader was running already, on the same port.
 *
 * @throws FlashlmError port-failed
 */
export async function touchAndFind(
  port: UsbPort,
  findPorts: FindPorts,
  patienceMilliseconds = RETURN_MILLISECONDS,
): Promise<UsbPort> {
  const before = new Set((await findPorts()).map(named));
  await touch(port.path);
  const came = await waitFor(
    async () => (await findPorts()).find((candidate) => !before.has(named(candidate))) ?? null,
    patienceMilliseconds,
  );
  return came ?? port;
}

/** The port of the board's running program, if there is exactly one. */
export async function findRunning(
  board: Parameters<typeof choosePort>[0],
  given: string | undefined,
  findPorts: FindPorts,
): Promise<UsbPort | null> {
  const ports = await findPorts();
  try {
    return choosePort(board, ports, given);
  } catch {
    return null;
  }
}

/** Looks again and again until something is there; null when patience ends. */
export async function waitFor<T>(
  look: () => Promise<T | null>,
  patienceMilliseconds: number,
): Promise<T | null> {
  const end = performance.now() + patienceMilliseconds;
  for (;;) {
    const found = await look();
    if (found !== null || performance.now() >= end) return found;
    await sleep(LOOK_MILLISECONDS);
  }
}

/** A port that comes back with another USB id is another port. */
function named({ path, usb }: UsbPort): string {
  return `${path} ${usb}`;
}
