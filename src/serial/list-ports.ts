import { readdir } from 'node:fs/promises';
import { loadSerialport } from './load-serialport.js';

/** How the devices of USB serial ports are called in /dev. */
const DEVICE_NAMES: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^tty(USB|ACM)\d+$/,
  darwin: /^cu\.(?!Bluetooth|debug|wlan)/,
};

/** Paths of the serial ports that are plugged in now, sorted; empty where they cannot be found out. */
export async function listPorts(): Promise<string[]> {
  const names = DEVICE_NAMES[process.platform];
  if (names === undefined) {
    const { SerialPort } = await loadSerialport();
    const ports = await SerialPort.list().catch(() => []);
    return ports.map((port) => port.path).sort();
  }
  // serialport would ask udevadm on Linux, which containers lack.
  const devices = await readdir('/dev').catch(() => []);
  return devices
    .filter((device) => names.test(device))
    .map((device) => `/dev/${device}`)
    .sort();
}
