import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { choosePort } from '../../src/flash/choose-port.js';
import { usbIdOnLinux } from '../../src/flash/usb-ports.js';
import { folderWith } from './a-project.js';

const C3 = { path: '/dev/ttyACM0', usb: '303a:1001' };
const BRIDGE = { path: '/dev/ttyUSB0', usb: '10c4:ea60' };
const OTHER = { path: '/dev/ttyUSB7', usb: '0403:6001' };

describe('the port of a board', () => {
  it('is the one with its USB ids', async () => {
    const board = await findBoard('esp32c3');
    expect(choosePort(board, [OTHER, C3])).toBe(C3);
  });

  it('is the one that the user names, whatever it is', async () => {
    const board = await findBoard('esp32c3');
    expect(choosePort(board, [C3, OTHER], '/dev/ttyUSB7')).toBe(OTHER);
    expect(choosePort(board, [], '/dev/pts/3')).toEqual({ path: '/dev/pts/3', usb: null });
  });

  it('is asked for where there are several, and each is listed', async () => {
    const board = await findBoard('esp32c3');
    expect(() => choosePort(board, [C3, OTHER, BRIDGE])).toThrow(
      expect.objectContaining({
        code: 'port-failed',
        exitCode: 3,
        what: '2 ports can be the board "esp32c3".',
        action: 'Choose one with --port: /dev/ttyACM0 (303a:1001), /dev/ttyUSB0 (10c4:ea60).',
      }),
    );
  });

  it('is missing where there is none, and others are listed', async () => {
    const board = await findBoard('esp32c3');
    expect(() => choosePort(board, [])).toThrow(/Plug the board in with a cable that carries data/);
    expect(() => choosePort(board, [OTHER])).toThrow(/name it with --port: \/dev\/ttyUSB7 \(0403:6001\)/);
  });
});

describe('the USB ids of a port', () => {
  it('are those of the device above it in /sys', async () => {
    const device = 'devices/usb1/1-2';
    const sys = await folderWith({
      [`${device}/idVendor`]: '10c4\n',
      [`${device}/idProduct`]: 'ea60\n',
      [`${device}/1-2:1.0/ttyUSB0/dev`]: '188:0\n',
    });
    await mkdir(path.join(sys, 'class/tty/ttyUSB0'), { recursive: true });
    await symlink(path.join(sys, device, '1-2:1.0/ttyUSB0'), path.join(sys, 'class/tty/ttyUSB0/device'));
    expect(await usbIdOnLinux('/dev/ttyUSB0', sys)).toBe('10c4:ea60');
    expect(await usbIdOnLinux('/dev/ttyS0', sys)).toBeNull();
  });
});
