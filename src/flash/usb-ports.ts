import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { listPorts } from '../serial/list-ports.js';
import { loadSerialport } from '../serial/load-serialport.js';

/** A serial port that is plugged in. */
export interface UsbPort {
  path: string;
  /** Vendor and product, as "303a:1001"; null where they cannot be found out. */
  usb: string | null;
}

/** What looks for ports; tests put another in its place. */
export type FindPorts = () => Promise<UsbPort[]>;

/**
 * The serial ports that are plugged in now, with what they say of themselves over USB.
 * @param sys where Linux describes its devices
 */
export async function findUsbPorts(sys = '/sys'): Promise<UsbPort[]> {
  if (process.platform === 'linux') {
    // serialport would ask udevadm, which containers lack.
    const ports = await listPorts();
    return Promise.all(ports.map(async (port) => ({ path: port, usb: await usbIdOnLinux(port, sys) })));
  }
  const { SerialPort } = await loadSerialport();
  const ports = await SerialPort.list().catch(() => []);
  return ports
    .filter(({ vendorId }) => vendorId !== undefined)
    .map(({ path, vendorId, productId }) => ({
      // macOS has two devices for each port; opening tty.* would wait for a carrier
      path: path.replace('/dev/tty.', '/dev/cu.'),
      usb: `${vendorId}:${productId}`.toLowerCase(),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The USB device is a folder or two above that of its port, by the kind of adapter. */
export async function usbIdOnLinux(port: string, sys: string): Promise<string | null> {
  const device = path.join(sys, 'class/tty', path.basename(port), 'device');
  let folder = await realpath(device).catch(() => null);
  for (let level = 0; folder !== null && level < 4; level++) {
    const read = (name: string) => readFile(path.join(folder as string, name), 'utf8').catch(() => null);
    const [vendor, product] = await Promise.all([read('idVendor'), read('idProduct')]);
    if (vendor !== null && product !== null) return `${vendor.trim()}:${product.trim()}`;
    folder = path.dirname(folder);
  }
  return null;
}
