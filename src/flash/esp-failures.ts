import { FlashlmError } from '../errors.js';
import type { UsbPort } from './usb-ports.js';
import type { Loss } from './web-serial-port.js';

/** What flashing has done to a board so far. */
export interface Touched {
  state: 'unchanged' | 'incomplete' | 'uncompared';
}

const STATES: Record<Touched['state'], string> = {
  unchanged: 'nothing was written',
  incomplete: 'the firmware on the board is incomplete',
  uncompared: 'the firmware is on the board, but was not compared',
};

/** @param loss why there is nobody on the port any more */
export function lossFailure({ path }: UsbPort, loss: Loss, { state }: Touched): FlashlmError {
  const after = `${STATES[state]}.`;
  switch (loss) {
    case 'gone':
      return new FlashlmError(
        'port-failed',
        `${path} has gone away; ${after}`,
        'Check the cable and run this again.',
      );
    case 'stuck':
      return new FlashlmError(
        'port-failed',
        `${path} takes no data; ${after}`,
        'Unplug the board, plug it in and run this again.',
      );
    case 'interrupted':
      return new FlashlmError('flash-failed', `Flashing was interrupted; ${after}`, 'Run this again.');
  }
}

/**
 * @param cause what esptool-js threw
 * @param isFast whether a lower rate could help
 */
export function writeFailure(
  { path }: UsbPort,
  cause: unknown,
  { state }: Touched,
  isFast: boolean,
): FlashlmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FlashlmError(
    'flash-failed',
    `Flashing the chip on ${path} failed (${reason.split('\n')[0].replace(/\.$/, '')}); ${STATES[state]}.`,
    `Run this again with a shorter cable${isFast ? ' or --baud 115200' : ''}.`,
    { cause },
  );
}
