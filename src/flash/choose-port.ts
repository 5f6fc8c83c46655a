import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import type { UsbPort } from './usb-ports.js';

/**
 * The one port that can be the board's, by what it says of itself over USB.
 *
 * @param ports what is plugged in
 * @param given what the user named instead
 * @throws FlashlmError port-failed if there is none, or more than one
 */
export function choosePort(board: Board, ports: UsbPort[], given?: string): UsbPort {
  if (given !== undefined) return ports.find(({ path }) => path === given) ?? { path: given, usb: null };
  if (board.usb === undefined) {
    throw new FlashlmError(
      'port-failed',
      `The file of the board "${board.id}" does not say how its port is recognised.`,
      `Name the port with --port${listed(ports)}.`,
    );
  }
  const candidates = ports.filter(({ usb }) => usb !== null && board.usb?.includes(usb));
  if (candidates.length === 1) return candidates[0];
  if (candidates.length === 0) {
    throw new FlashlmError(
      'port-failed',
      `No serial port of a board "${board.id}" (USB ${board.usb.join(' or ')}) is plugged in.`,
      ports.length === 0
        ? 'Plug the board in with a cable that carries data.'
        : `If it is another one, name it with --port${listed(ports)}.`,
    );
  }
  throw new FlashlmError(
    'port-failed',
    `${candidates.length} ports can be the board "${board.id}".`,
    `Choose one with --port${listed(candidates)}.`,
  );
}

function listed(ports: UsbPort[]): string {
  if (ports.length === 0) return '';
  return `: ${ports.map(({ path, usb }) => (usb === null ? path : `${path} (${usb})`)).join(', ')}`;
}
