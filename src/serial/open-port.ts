import type { SerialPort } from 'serialport';
import { FlashlmError } from '../errors.js';
import { listPorts } from './list-ports.js';
import { loadSerialport } from './load-serialport.js';

const BAUD_RATE = 115200;

/**
 * Opens a serial port or a pseudo-terminal with 8N1, for this program alone.
 * @throws FlashlmError port-failed: not there, no permission, busy, or no serial port at all; missing-tool
 */
export async function openPort(path: string, baudRate = BAUD_RATE): Promise<SerialPort> {
  const { SerialPort } = await loadSerialport();
  // Without hupcl: many boards reset when the control lines drop as the port is closed.
  const port = new SerialPort({ path, baudRate, hupcl: false, autoOpen: false });
  const error = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (error !== null) throw openFailure(path, error, await listPorts());
  return port;
}

/** What a person can do about a port that did not open. */
export function openFailure(path: string, cause: Error, ports: string[]): FlashlmError {
  const [what, action] = explain(path, cause.message, ports);
  return new FlashlmError('port-failed', what, action, { cause });
}

function explain(path: string, message: string, ports: string[]): [what: string, action: string] {
  if (/No such file|No such device|not found/i.test(message)) {
    return [`There is no port ${path}.`, listed(ports)];
  }
  if (/cannot lock|busy|unavailable/i.test(message)) {
    return [`Another program uses ${path}.`, 'Close the serial monitor that has it open.'];
  }
  if (/access denied/i.test(message)) {
    // Windows has one message for both.
    return [
      `${path} may not be opened.`,
      'Close the serial monitor that has it open, or run as a user who may use serial ports.',
    ];
  }
  if (/permission denied|not permitted/i.test(message)) {
    return [
      `You may not open ${path}.`,
      'On Linux: sudo usermod -aG dialout $USER (uucp on Arch), then log in again.',
    ];
  }
  return [`${path} is no serial port (${message.replace(/^Error:? */, '')}).`, listed(ports)];
}

function listed(ports: string[]): string {
  return ports.length === 0
    ? 'No USB serial port is there: plug the board in with a cable that carries data.'
    : `Choose one of the ports that are there: ${ports.join(', ')}.`;
}
