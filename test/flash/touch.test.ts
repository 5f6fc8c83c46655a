import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { touchAndFind } from '../../src/flash/touch.js';
import { compileBridge, EspStandIn } from './esp-stand-in.js';

let bridge: string;
beforeAll(async () => {
  bridge = await compileBridge();
});
afterAll(() => rm(path.dirname(bridge), { recursive: true, force: true }));

/** A port that can be opened; what is behind it does not matter. */
async function somePort(): Promise<string> {
  const standIn = await EspStandIn.start(bridge, 'ESP32', { isSilent: true });
  onTestFinished(() => standIn.unplug());
  return standIn.device;
}

it('finds the port that a board comes back with', async () => {
  const running = { path: await somePort(), usb: '2341:805a' };
  const bootLoader = { path: '/dev/ttyACM9', usb: '2341:005a' };
  const other = { path: '/dev/ttyUSB3', usb: '2341:005a' };
  let looks = 0;
  const findPorts = async () => (++looks < 3 ? [other, running] : [other, bootLoader]);
  expect(await touchAndFind(running, findPorts)).toBe(bootLoader);
});

it('knows it by its USB id where its path stays', async () => {
  const device = await somePort();
  const running = { path: device, usb: '2341:805a' };
  const bootLoader = { path: device, usb: '2341:005a' };
  let looks = 0;
  expect(await touchAndFind(running, async () => [++looks < 2 ? running : bootLoader])).toBe(bootLoader);
});

it('takes the same port where no other comes, since the boot loader may have run already', async () => {
  const port = { path: await somePort(), usb: '2341:005a' };
  expect(await touchAndFind(port, async () => [port], 300)).toBe(port);
});
