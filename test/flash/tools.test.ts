import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { FlashlmError } from '../../src/errors.js';
import { FLASH_TOOLS, findFlashTool } from '../../src/flash/flash-tools.js';
import { flashWithTool, type ToolFlashing } from '../../src/flash/flash-with-tool.js';
import { runTool } from '../../src/flash/run-tool.js';
import { type ToolMethod, toolJob } from '../../src/flash/tool-jobs.js';
import { folderWith } from './a-project.js';

afterEach(() => vi.unstubAllEnvs());

const MEGA: ToolMethod = { method: 'avrdude', part: 'atmega2560', programmer: 'wiring', baud: 115200 };
const PORT = { path: '/dev/ttyACM7', usb: '2341:0042' };

/**
 * Stand-ins for the tools of others, in a PATH of their own: shell scripts that write down how they were called, then do
 * what `script` says. What the real tools say was read in their sources and documentation.
 *
 * @returns the folder; `calls` in it has one line a call
 */
async function standIns(names: string[], script = 'exit 0'): Promise<string> {
  const text = `#!/bin/sh\necho "\${0##*/} $*" >> "\${0%/*}/calls"\n${script}\n`;
  const folder = await folderWith(Object.fromEntries(names.map((name) => [name, text])));
  for (const name of names) await chmod(path.join(folder, name), 0o755);
  vi.stubEnv('PATH', folder);
  vi.stubEnv('HOME', folder); // no tools of Arduino's either
  return folder;
}

async function flash(method: ToolMethod, more: Partial<ToolFlashing> = {}) {
  return flashWithTool({
    board: { ...(await findBoard('uno-r4')), id: 'mine', usb: [PORT.usb] },
    method,
    file: '/project/firmware.hex',
    port: undefined,
    tool: undefined,
    findPorts: async () => [PORT],
    onOutput: () => undefined,
    ...more,
  });
}

async function failure(promise: Promise<unknown>): Promise<FlashlmError> {
  const error = await promise.then(String, (reason: unknown) => reason);
  if (error instanceof FlashlmError) return error;
  throw new Error(`expected a FlashlmError, got ${error}`);
}

const calls = async (folder: string) =>
  (await readFile(path.join(folder, 'calls'), 'utf8')).trim().split('\n');

describe('a tool is called as it wants to be', () => {
  it('avrdude, with the port that was found', async () => {
    const folder = await standIns(['avrdude']);
    expect(await flash(MEGA)).toEqual({ tool: 'avrdude', port: PORT.path, verifies: true });
    expect(await calls(folder)).toEqual([
      'avrdude -p atmega2560 -c wiring -P /dev/ttyACM7 -b 115200 -D -U flash:w:/project/firmware.hex:i',
    ]);
  });

  it('teensy_loader_cli, which finds the board by itself', async () => {
    const folder = await standIns(['teensy_loader_cli']);
    expect(await flash({ method: 'teensy', mcu: 'TEENSY41' })).toMatchObject({ port: null, verifies: false });
    expect(await calls(folder)).toEqual(['teensy_loader_cli --mcu=TEENSY41 -s -v /project/firmware.hex']);
  });

  it('dfu-util, with the place of the program', async () => {
    const folder = await standIns(['dfu-util']);
    await flash({ method: 'dfu-util', usb: '0483:df11', address: 0x08000000, touch: false });
    expect(await calls(folder)).toEqual([
      'dfu-util -d 0483:df11 -a 0 -s 0x08000000:leave -D /project/firmware.hex',
    ]);
  });

  it("dfu-util, for an Uno R4's bare firmware, whose port nobody finds and nobody opens", async () => {
    const folder = await standIns(['dfu-util']);
    const board = await findBoard('uno-r4');
    if (board.flash?.method !== 'dfu-util') throw new Error('it is flashed with dfu-util');
    await flash(board.flash, { board, findPorts: async () => [] });
    expect(await calls(folder)).toEqual(['dfu-util -d 2341:0069,2341:0369 -a 0 -R -D /project/firmware.hex']);
  });

  it('st-flash, where it is named or where dfu-util is not installed', async () => {
    const method: ToolMethod = {
      ...{ method: 'dfu-util', usb: '0483:df11', address: 0x08000000, touch: false, stLink: true },
    };
    const both = await standIns(['dfu-util', 'st-flash']);
    await flash(method, { tool: 'st-flash' });
    await flash(method);
    const stFlash = 'st-flash --reset write /project/firmware.hex 0x08000000';
    expect(await calls(both)).toEqual([stFlash, expect.stringMatching(/^dfu-util /)]);
    const one = await standIns(['st-flash']);
    await flash(method);
    expect(await calls(one)).toEqual([stFlash]);
  });

  it('bossac', async () => {
    const folder = await standIns(['bossac']);
    await flash({ method: 'bossac', touch: false });
    expect(await calls(folder)).toEqual(['bossac --port=ttyACM7 -U -i -e -w /project/firmware.hex -R']);
  });
});

describe('a tool that is not installed', () => {
  it('is named, and how to get it', async () => {
    await standIns([]);
    expect(await failure(flash(MEGA))).toMatchObject({
      code: 'missing-tool',
      exitCode: 3,
      what: 'avrdude is not installed.',
      action: expect.stringMatching(/^Get avrdude: on Debian "apt-get install avrdude", or /),
    });
  });

  it('is found where arduino-cli puts it, the newest version', async () => {
    await standIns([]);
    const packages = await folderWith({
      'arduino/tools/bossac/1.7.0/bossac': '',
      'arduino/tools/bossac/1.9.1-arduino2/bossac': '',
    });
    const newest = path.join(packages, 'arduino/tools/bossac/1.9.1-arduino2/bossac');
    expect(await findFlashTool(FLASH_TOOLS.bossac, packages)).toBeNull(); // not to be executed
    await chmod(newest, 0o755);
    expect(await findFlashTool(FLASH_TOOLS.bossac, packages)).toBe(newest);
  });

  it('is refused if it is not for the board', async () => {
    await standIns(['st-flash']);
    expect(await failure(flash(MEGA, { tool: 'st-flash' }))).toMatchObject({ code: 'bad-argument' });
  });
});

describe('a tool that fails', () => {
  it.each([
    [
      'avrdude: ser_open(): can\'t open device "/dev/ttyACM7": No such file',
      'port-failed',
      /nothing was written/,
    ],
    [
      'avrdude: Expected signature for ATmega2560 is 1E 98 01\nDouble check chip',
      'wrong-chip',
      /another chip than that of the board "mine"; nothing was written/,
    ],
    [
      'avrdude: writing flash (1000 bytes):\navrdude: stk500v2_recv(): timeout',
      'flash-failed',
      /may be incomplete/,
    ],
    ['avrdude: something new.', 'flash-failed', /^avrdude failed: avrdude: something new; the firmware/],
    ['', 'flash-failed', /^avrdude failed: it said nothing; /],
  ])('is understood: %s', async (says, code, what) => {
    await standIns(['avrdude'], `printf '%s\\n' '${says.replaceAll("'", "'\\''")}' >&2; exit 1`);
    const error = await failure(flash(MEGA));
    expect(error.code).toBe(code);
    expect(error.what).toMatch(what);
  });

  it('is believed if it says that all is on the board, as dfu-util does before its last question', async () => {
    await standIns(
      ['dfu-util'],
      'echo "File downloaded successfully"; echo "dfu-util: error get_status" >&2; exit 74',
    );
    await flash({ method: 'dfu-util', usb: '0483:df11', address: 0x08000000, touch: false });
  });

  it('is ended if it waits for a board for ever', async () => {
    const folder = await standIns(
      ['teensy_loader_cli'],
      'echo "Waiting for Teensy device..."; exec /bin/sleep 1000',
    );
    const method: ToolMethod = { method: 'teensy', mcu: 'TEENSY41' };
    const job = toolJob(method, FLASH_TOOLS.teensyLoader, 'a.hex', '');
    const program = path.join(folder, 'teensy_loader_cli');
    const error = await failure(runTool({ job, program, board: 'teensy41', silenceMilliseconds: 500 }));
    expect(error).toMatchObject({ code: 'port-failed', action: expect.stringMatching(/^Press the button/) });
  });

  it('is ended with Ctrl-C', async () => {
    await standIns(['avrdude'], 'echo begun; exec /bin/sleep 1000');
    const interrupt = new AbortController();
    const error = await failure(flash(MEGA, { signal: interrupt.signal, onOutput: () => interrupt.abort() }));
    expect(error.what).toBe('avrdude was interrupted; the firmware on the board may be incomplete.');
  });
});
