import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { type EmulatorFirmware, emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { type Emulator, findEmulator } from '../../src/emulate/emulators.js';
import { FirmwareConsole } from '../../src/emulate/firmware-console.js';
import { startPseudoTerminal } from '../../src/emulate/pseudo-terminal.js';
import { tellOnEmulator, traceOnEmulator } from '../../src/emulate/run.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { referenceTrace } from '../../src/parity/parity.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { IMAGES, MODELS } from '../firmware/models.js';

const STORY: StorySettings = {
  prompt: 'Zoë said: "> "',
  tokens: 300,
  seed: 5,
  temperatureThousandths: 1500,
  topK: 64,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-emulate-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** An "emulator" that is a line of shell. */
function shell(script: string): EmulatorFirmware {
  const emulator: Emulator = {
    ...findEmulator('host'),
    program: { name: 'sh', debianPackage: 'dash' },
    arguments: () => ['-c', script],
  };
  return { emulator, elfFile: 'firmware.elf' };
}

describe.each(['host', 'esp32c3', 'pico', 'esp32'])('a story told on %s', (board) => {
  it('is the text of the reference, whatever bytes it is made of', async () => {
    const firmware = await emulatorFirmware(IMAGES.small, await findBoard(board));
    const { sampled } = referenceTrace(MODELS.small, STORY);
    const bytes = Tokenizer.fromPieces(MODELS.small.pieces).decodeBytes(sampled);
    const pieces: string[] = [];
    const told = await tellOnEmulator(firmware, STORY, (text) => pieces.push(text));
    expect(told.text).toBe(Buffer.concat([Buffer.from(STORY.prompt), bytes]).toString('utf8'));
    expect(told.tokens).toBe(sampled.length);
    expect(pieces.join('')).toBe(told.text);
  });
});

describe('firmware in trouble ends with an error', () => {
  it('that says how long it was silent', async () => {
    await expect(
      FirmwareConsole.start(shell('echo hello; exec sleep 1000'), { silenceSeconds: 0.3 }),
    ).rejects.toMatchObject({
      code: 'emulator-failed',
      what: 'The firmware has said nothing for 0.3 seconds.',
    });
  });

  it('that repeats what the emulator complained of', async () => {
    await expect(
      FirmwareConsole.start(shell('echo first >&2; echo no such machine >&2; exit 1')),
    ).rejects.toMatchObject({
      code: 'emulator-failed',
      what: 'The firmware ended in the middle of a conversation (sh: no such machine).',
    });
  });

  it('when it ends within a story', async () => {
    const console = await FirmwareConsole.start(
      shell('printf "hello\\r\\n> "; read line; printf "Once upon"'),
    );
    await expect(console.tell('Once')).rejects.toMatchObject({ code: 'emulator-failed' });
    await console.close();
  });

  it('when the emulator is not there', async () => {
    const { emulator, elfFile } = shell('');
    const missing = {
      emulator: { ...emulator, program: { name: 'no-such-emulator', debianPackage: 'none' } },
      elfFile,
    };
    await expect(FirmwareConsole.start(missing)).rejects.toMatchObject({
      code: 'emulator-failed',
      what: expect.stringContaining('no-such-emulator'),
    });
    await expect(startPseudoTerminal(missing)).rejects.toMatchObject({
      code: 'emulator-failed',
      what: expect.stringMatching(/^no-such-emulator opened no pseudo-terminal/),
    });
  });

  it('when it finds its image damaged', async () => {
    const { emulator, elfFile } = await emulatorFirmware(IMAGES.small, await findBoard('host'));
    const bytes = await readFile(elfFile);
    const middle = IMAGES.small.length >> 1;
    const place = bytes.indexOf(Buffer.from(IMAGES.small)) + middle;
    expect(place).toBeGreaterThan(middle);
    bytes[place] ^= 1;
    const damaged = path.join(folder, 'damaged.elf');
    await writeFile(damaged, bytes);
    await chmod(damaged, 0o755);
    await expect(traceOnEmulator({ emulator, elfFile: damaged }, STORY)).rejects.toMatchObject({
      code: 'bad-image',
      what: expect.stringMatching(/^The firmware finds: image section \w+.* is damaged\.$/),
    });
  });

  it('when its trace is garbled', async () => {
    const answers = [
      'a\\r\\n> ',
      'b\\r\\n> ',
      'c\\r\\n> ',
      'd\\r\\n> ',
      'e\\r\\n> ',
      '@@{"step":0,"tok\\r\\n> ',
    ];
    const script = `printf "> "; for answer in ${answers.map((text) => `'${text}'`).join(' ')}; do read line; printf "$answer"; done; read line`;
    await expect(traceOnEmulator(shell(script), STORY)).rejects.toMatchObject({
      code: 'emulator-failed',
      what: expect.stringContaining('trace'),
    });
  });
});
