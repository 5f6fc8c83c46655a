import { randomBytes } from 'node:crypto';
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addFlashCommand } from '../../src/commands/flash.js';
import { UF2_FAMILY_RP2040, uf2Of } from '../../src/generate/uf2.js';
import { runCommand } from '../commands/run-command.js';
import { folderWith, report } from './a-project.js';
import { compileBridge, EspStandIn, type Tricks } from './esp-stand-in.js';
import { PicoDriveStandIn } from './pico-drive-stand-in.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PROGRAM = new Uint8Array(randomBytes(20_000));
const MODEL = new Uint8Array(randomBytes(50_000));
const SEGMENTS = [
  { offset: 0x10000, file: 'build/story.bin', kind: 'app' },
  { offset: 0x210000, file: 'model.flm', kind: 'model' },
];

let bridge: string;
let chip: EspStandIn | undefined;

beforeAll(async () => {
  bridge = await compileBridge();
});
afterAll(() => rm(path.dirname(bridge), { recursive: true, force: true }));
afterEach(async () => {
  await chip?.unplug();
  chip = undefined;
});

async function plugIn(
  name: Parameters<typeof EspStandIn.start>[1],
  tricks: Tricks = {},
): Promise<EspStandIn> {
  chip = await EspStandIn.start(bridge, name, tricks);
  return chip;
}

/** A project whose model lies in a partition of its own. */
function esp32Project(program = PROGRAM): Promise<string> {
  return folderWith({
    'build-report.json': report('esp32', { framework: 'esp-idf' }),
    'flash-segments.json': JSON.stringify({ chip: 'esp32', segments: SEGMENTS }),
    'build/story.bin': program,
    'model.flm': MODEL,
  });
}

const flash = (...words: string[]) => runCommand(addFlashCommand, 'flash', ...words);

describe('flash', () => {
  it('writes a program and its model, and the next time only what has changed', async () => {
    const { device, flash: memory, commands } = await plugIn('ESP32');
    const first = await flash(
      '--board',
      'esp32',
      '--project',
      await esp32Project(),
      '--port',
      device,
      '--json',
    );
    expect(JSON.parse(first.stdout)).toMatchObject({
      ...{ board: 'esp32', method: 'esp', target: device, tool: null, verified: 'md5' },
      files: [
        { kind: 'app', offset: 0x10000, bytes: PROGRAM.length, action: 'written' },
        { kind: 'model', offset: 0x210000, bytes: MODEL.length, action: 'written' },
      ],
    });
    expect(Buffer.compare(memory.subarray(0x210000, 0x210000 + MODEL.length), MODEL)).toBe(0);

    const begun = commands.filter((command) => command === 'flash begin').length;
    const changed = await esp32Project(PROGRAM.map((byte) => byte ^ 1));
    const second = await flash('--board', 'esp32', '--project', changed, '--port', device);
    expect(second.stdout).toMatch(/^written: +app at 0x10000, /m);
    expect(second.stdout).toMatch(/^unchanged: +model at 0x210000, /m);
    expect(commands.filter((command) => command === 'flash begin')).toHaveLength(begun + 1);
    expect(memory[0x10000]).toBe(PROGRAM[0] ^ 1);
  });

  it('leaves another chip alone', async () => {
    const { device, commands } = await plugIn('ESP32-S3');
    const words = ['--board', 'esp32', '--project', await esp32Project(), '--port', device];
    await expect(flash(...words)).rejects.toMatchObject({ code: 'wrong-chip', exitCode: 1 });
    expect(commands).not.toContain('flash begin');
  });

  it('writes the model alone where it is asked to, whether there is a program or not', async () => {
    const { device, flash: memory } = await plugIn('ESP32');
    const project = await folderWith({
      'build-report.json': report('esp32', { framework: 'esp-idf' }),
      'flash-segments.json': JSON.stringify({ chip: 'esp32', segments: SEGMENTS }),
      'model.flm': MODEL,
    });
    const words = ['--board', 'esp32', '--project', project, '--model-only'];
    expect(JSON.parse((await flash(...words, '--port', device, '--json')).stdout).files).toMatchObject([
      { kind: 'model', offset: 0x210000, bytes: MODEL.length, action: 'written' },
    ]);
    expect(Buffer.compare(memory.subarray(0x210000, 0x210000 + MODEL.length), MODEL)).toBe(0);
    const bare = await folderWith({ 'build-report.json': report('esp32'), 'firmware.bin': PROGRAM });
    await expect(flash('--board', 'esp32', '--project', bare, '--model-only')).rejects.toMatchObject({
      code: 'bad-argument',
      what: expect.stringContaining('part of the program'),
    });
  });

  it('says in which state a board is that is unplugged, and writes it whole the next time', async () => {
    const project = await esp32Project();
    const words = ['--board', 'esp32', '--project', project, '--port'];
    const { device } = await plugIn('ESP32', { unplugsAtBlock: 1 });
    await expect(flash(...words, device)).rejects.toMatchObject({
      exitCode: 3,
      what: `${device} has gone away; the firmware on the board is incomplete.`,
    });
    const again = await plugIn('ESP32');
    await flash(...words, again.device);
    expect(Buffer.compare(again.flash.subarray(0x10000, 0x10000 + PROGRAM.length), PROGRAM)).toBe(0);
  });

  it('ends in good order with Ctrl-C', async () => {
    const tricks: Tricks = { atBlock: { 1: () => cli.kill('SIGINT') } };
    const { device } = await plugIn('ESP32', tricks);
    const words = [
      'flash',
      '--board',
      'esp32',
      '--project',
      await esp32Project(),
      '--port',
      device,
      '--json',
    ];
    const cli = execa(process.execPath, [CLI, ...words], { reject: false });
    const { exitCode, stdout, stderr } = await cli;
    const what = 'Flashing was interrupted; the firmware on the board is incomplete.';
    expect(stderr).toBe(`error: ${what}\nRun this again.`);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'flash-failed', what });
    expect(exitCode).toBe(1);
  });

  it('copies to the drive of a Pico', async () => {
    const firmware = uf2Of(PROGRAM, 0x10000000, UF2_FAMILY_RP2040);
    const drive = await PicoDriveStandIn.plugIn('RPI-RP2');
    const project = await folderWith({ 'firmware.uf2': firmware });
    const { stdout } = await flash('--board', 'pico', '--project', project, '--volume', drive.mount.path);
    expect(drive.taken).toEqual(firmware);
    expect(stdout).toContain(`Raspberry Pi Pico on ${drive.mount.path}: the board has taken all of it`);
  });

  it('only lists the files with --dry-run', async () => {
    const { stdout } = await flash(
      '--board',
      'esp32',
      '--project',
      await esp32Project(),
      '--dry-run',
      '--json',
    );
    expect(JSON.parse(stdout).files).toMatchObject([{ action: 'planned' }, { action: 'planned' }]);
  });

  it('refuses files that would overwrite each other, and empty ones, before it looks for the chip', async () => {
    const large = await esp32Project(new Uint8Array(0x200001));
    const words = ['--board', 'esp32', '--port', '/dev/ttyNONE', '--project'];
    await expect(flash(...words, large)).rejects.toMatchObject({
      code: 'does-not-fit',
      what: expect.stringMatching(
        /story\.bin ends behind 0x210000, where \S+model\.flm begins; nothing was written\.$/,
      ),
    });
    const empty = await esp32Project(new Uint8Array(0));
    await expect(flash(...words, empty)).rejects.toMatchObject({ code: 'missing-file' });
  });

  it('takes a link to a port', async () => {
    const { device } = await plugIn('ESP32');
    const project = await esp32Project();
    const link = path.join(project, 'by-id');
    await symlink(device, link);
    const { stdout } = await flash('--board', 'esp32', '--project', project, '--port', link, '--json');
    expect(JSON.parse(stdout).target).toBe(device);
  });

  it('refuses a board that is not flashed, and a port that is not there', async () => {
    await expect(flash('--board', 'host')).rejects.toMatchObject({ code: 'bad-argument', exitCode: 2 });
    const words = ['--board', 'esp32', '--project', await esp32Project(), '--port', '/dev/ttyNONE'];
    await expect(flash(...words)).rejects.toMatchObject({ code: 'port-failed', exitCode: 3 });
  });
});
