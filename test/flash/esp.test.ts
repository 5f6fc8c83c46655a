import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { flashEsp } from '../../src/flash/esp.js';
import { flashEspFiles } from '../../src/flash/flash-esp-files.js';
import { openPort } from '../../src/serial/open-port.js';
import { compileBridge, EspStandIn, type Tricks } from './esp-stand-in.js';

/** Four blocks of what does not compress, and a length that is no multiple of a word. */
const FIRMWARE = new Uint8Array(randomBytes(0x4000 * 3 + 1001));
const TABLE = new Uint8Array(3072).fill(0xab);

const CHIPS = ['ESP32', 'ESP32-C3', 'ESP32-C6', 'ESP32-S3', 'ESP8266'] as const;

let bridge: string;
let chip: EspStandIn;

beforeAll(async () => {
  bridge = await compileBridge();
});
afterAll(() => rm(path.dirname(bridge), { recursive: true, force: true }));
afterEach(() => chip.unplug());

async function plugIn(name: Parameters<typeof EspStandIn.start>[1], tricks: Tricks = {}): Promise<void> {
  chip = await EspStandIn.start(bridge, name, tricks);
}

/** Flashes both files. @returns the shares of progress, which files were written, and warnings */
async function flash(
  expected = 'ESP32-C3',
  { offset = 0x10000, writeAll = false, signal = new AbortController().signal } = {},
): Promise<{ shares: number[]; written: string[]; warnings: string[] }> {
  const shares: number[] = [];
  const { written, warnings } = await flashEsp({
    port: { path: chip.device, usb: null },
    chip: expected,
    files: [
      { path: 'table.bin', kind: 'partitions', content: TABLE, offset: 0x8000 },
      { path: 'firmware.bin', kind: 'app', content: FIRMWARE, offset },
    ],
    baudRate: 460800,
    writeAll,
    signal,
    onProgress: (share) => shares.push(share),
  });
  return { shares, warnings, written: written.map(({ path }) => path) };
}

/** The whole flash, so that nothing lies where nothing should. */
function expectWritten(): void {
  const expected = new Uint8Array(chip.flash.length).fill(0xff);
  expected.set(TABLE, 0x8000);
  expected.set(FIRMWARE, 0x10000);
  expect(Buffer.compare(chip.flash, expected)).toBe(0);
}

describe('the stand-in of an ESP chip', () => {
  it.each(CHIPS)('is written whole: %s', async (name) => {
    await plugIn(name);
    const { shares, written, warnings } = await flash(name);
    expect(written).toEqual(['table.bin', 'firmware.bin']);
    expect(warnings).toEqual([]);
    expectWritten();
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBe(1);
    expect(chip.commands.filter((command) => command === 'MD5')).toHaveLength(4); // each before and after
  });

  it('keeps what it holds already', async () => {
    await plugIn('ESP32-C3');
    chip.flash.set(FIRMWARE, 0x10000);
    expect((await flash()).written).toEqual(['table.bin']);
    expectWritten();
    expect((await flash()).written).toEqual([]);
    expect(chip.commands.filter((command) => command === 'flash begin')).toHaveLength(1);
  });

  it('is written whole again where it is asked for', async () => {
    await plugIn('ESP32-C3');
    await flash();
    expect((await flash('ESP32-C3', { writeAll: true })).written).toEqual(['table.bin', 'firmware.bin']);
    expectWritten();
  });

  it('is written again where one bit differs', async () => {
    await plugIn('ESP32-C3');
    await flash();
    chip.flash[0x10000 + 5000] ^= 4;
    expect((await flash()).written).toEqual(['firmware.bin']);
    expectWritten();
  });

  it('says what is on it when it is interrupted', async () => {
    const interrupt = new AbortController();
    await plugIn('ESP32-C3', { atBlock: { 2: () => interrupt.abort() } });
    await expect(flash('ESP32-C3', { signal: interrupt.signal })).rejects.toMatchObject({
      code: 'flash-failed',
      what: 'Flashing was interrupted; the firmware on the board is incomplete.',
    });
  });

  it('is written whole though bytes get lost both ways', async () => {
    await plugIn('ESP32-C3', { losesBytesOfAnswers: 3, losesBytesOfBlocks: [1, 3] });
    await flash();
    expectWritten();
  });

  it('is left alone if it is another chip', async () => {
    await plugIn('ESP32-S3');
    await expect(flash()).rejects.toMatchObject({
      code: 'wrong-chip',
      what: `On ${chip.device} is an ESP32-S3, and the firmware is for an ESP32-C3; nothing was written.`,
    });
    expect(chip.commands).not.toContain('flash begin');
    expect(chip.commands).not.toContain('RAM begin');
  });

  it.each(['ESP32-C3', 'ESP8266'] as const)('is left alone if its flash is too small: %s', async (name) => {
    await plugIn(name, { flashBytes: 0x40000 });
    await expect(flash(name, { offset: 0x3f000 })).rejects.toMatchObject({ code: 'does-not-fit' });
    expect(chip.commands).not.toContain('flash begin');
  });

  it('is written, with a warning, if its flash does not tell its size', async () => {
    await plugIn('ESP8266', { flashId: 0x7740c8 });
    const { warnings } = await flash('ESP8266');
    expect(warnings).toEqual([
      `The size of the flash chip with the id 0x7740c8 is not known; the firmware needs ${0x10000 + FIRMWARE.length} bytes of it.`,
    ]);
    expectWritten();
  });

  it("is written, with a warning, through the chip's own USB port, where the firmware need not speak", async () => {
    await plugIn('ESP32-C3');
    const file = { path: 'firmware.bin', kind: 'app', offset: 0, bytes: 4, action: 'planned' } as const;
    const flashThrough = async (usb: string) =>
      flashEspFiles(
        {
          board: await findBoard('esp32c3'),
          port: undefined,
          findPorts: async () => [{ path: chip.device, usb }],
          baudRate: 115200,
          writeAll: false,
          onProgress: () => undefined,
        },
        'ESP32-C3',
        [file],
        [Uint8Array.of(1, 2, 3, 4)],
      );
    expect((await flashThrough('303a:1001')).warnings).toEqual([
      expect.stringContaining("speaks over the board's USB-to-serial bridge"),
    ]);
    expect((await flashThrough('10c4:ea60')).warnings).toEqual([]);
  });

  it.each([0, 0xffffff])('is left alone if no flash answers it: id %i', async (flashId) => {
    await plugIn('ESP32-C3', { flashId });
    await expect(flash()).rejects.toMatchObject({
      code: 'flash-failed',
      what: 'The chip does not reach its flash; nothing was written.',
    });
    expect(chip.commands).not.toContain('flash begin');
  });

  it('is reported if it keeps something else than it was sent', async () => {
    await plugIn('ESP32-C3', { spoilsFlash: true });
    await expect(flash()).rejects.toMatchObject({
      code: 'flash-failed',
      what: `What lies in flash at 0x8000 of the chip on ${chip.device} is not what was sent.`,
    });
  });

  it('is reported if it is unplugged in the middle', async () => {
    await plugIn('ESP32-C3', { unplugsAtBlock: 2 });
    await expect(flash()).rejects.toMatchObject({
      code: 'port-failed',
      what: `${chip.device} has gone away; the firmware on the board is incomplete.`,
    });
  });

  it('is reported if it falls silent in the middle', async () => {
    const tricks: Tricks = { atBlock: { 2: () => (tricks.isSilent = true) } };
    await plugIn('ESP32-C3', tricks);
    await expect(flash()).rejects.toMatchObject({
      code: 'flash-failed',
      what: expect.stringMatching(/; the firmware on the board is incomplete\.$/),
    });
  });

  it.each([
    ['does not answer', { isSilent: true }],
    ['runs a program that answers something else', { tellsStories: true }],
  ])('is reported if it %s', async (_, tricks) => {
    await plugIn('ESP32-C3', tricks);
    await expect(flash()).rejects.toMatchObject({
      code: 'port-failed',
      what: `No boot loader of an ESP chip answers on ${chip.device}; nothing was written.`,
    });
  });

  it('is not disturbed if another program has its port', async () => {
    await plugIn('ESP32-C3');
    const other = await openPort(chip.device);
    try {
      await expect(flash()).rejects.toMatchObject({
        code: 'port-failed',
        what: `Another program uses ${chip.device}.`,
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    expect(chip.commands).toEqual([]);
  });
});
