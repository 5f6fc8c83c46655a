import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { compilerOf, findToolchain } from '../../src/compile/toolchains.js';
import { compileHelper, helperHeader } from '../../src/emulate/compiled-helper.js';
import { emulatorFirmware, emulatorHolds } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import { readImage } from '../../src/image/read.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { checkParity } from '../../src/parity/parity.js';
import { IMAGES, MODELS } from '../firmware/models.js';

/** The whole firmware of an Arduino Mega, its port included, on simavr's ATmega2560. */

const board = await findBoard('mega2560');
const helper = findEmulator(board.emulator).program?.compiled;
if (helper === undefined) throw new Error('simavr is compiled here');
const isMissing =
  (await findProgram(compilerOf(findToolchain(board.toolchain)))) === null ||
  (await helperHeader(helper)) === null;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-avr-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Runs the machine itself, which ends when its input has. */
async function run(words: string[], input: string) {
  const compiled = await compileHelper(helper as NonNullable<typeof helper>);
  if (!('file' in compiled)) throw new Error(compiled.complaint);
  return execa(compiled.file, words, { input, stripFinalNewline: false });
}

/** Instructions and clocks of a whole run that tells one story. */
async function totals(elfFile: string, tokens: number): Promise<{ instructions: number; clocks: number }> {
  const file = path.join(folder, `totals-${tokens}.txt`);
  const input = `/seed 1\n/tokens ${tokens}\nOnce\n`;
  const { stdout } = await run(['--totals', file, elfFile], input);
  expect(stdout).toContain(`[${tokens} tokens`);
  const [instructions, clocks] = (await readFile(file, 'utf8')).split(' ').map(Number);
  return { instructions, clocks };
}

describe.skipIf(isMissing)('on an ATmega2560', () => {
  it.each(['odd', 'memory', 'memoryOneSlot', 'unequalClusters'] as const)(
    "every logit of the model %s is the reference's",
    async (name) => {
      const firmware = await emulatorFirmware(IMAGES[name], board);
      const stories = [{ prompt: 'a cab', tokens: 6, seed: 3, temperatureThousandths: 800, topK: 40 }];
      expect(await checkParity(MODELS[name], firmware, stories)).toMatchObject({ status: 'match' });
    },
  );

  it("every logit of nano, which ships, is the reference's", async () => {
    const image = await readModelImage(await findModel('nano'));
    const firmware = await emulatorFirmware(image, board);
    const stories = [{ prompt: 'Once', tokens: 4, seed: 3, temperatureThousandths: 800, topK: 40 }];
    expect(await checkParity(readImage(image), firmware, stories)).toMatchObject({ status: 'match' });
  });

  it('hears what was sent before it had started, and nothing but the firmware speaks', async () => {
    const { elfFile } = await emulatorFirmware(IMAGES.odd, board);
    const { stdout } = await run([elfFile], '/seed 1\n/tokens 3\na cab\n');
    expect(stdout).toMatch(
      /^flashlm-mcu: random 2, [\s\S]*\r\n> seed 1\r\n> tokens 3\r\n> a cab[\s\S]*\[3 tokens[\s\S]*> $/,
    );
  });

  it("the board's instructions a clock are those of a story of nano, and its stack is enough", async () => {
    const image = await readModelImage(await findModel('nano'));
    expect(emulatorHolds(image, board)).toBe(true);
    const firmware = await emulatorFirmware(image, board);
    const short = await totals(firmware.elfFile, 1);
    const long = await totals(firmware.elfFile, 4);
    const perClock = (long.instructions - short.instructions) / (long.clocks - short.clocks);
    expect(perClock).toBeCloseTo(board.instructionsPerClock ?? 0, 2);
    const { instructions, stackBytes } = await measureTokenCost(firmware, {
      ...{ prompt: 'Once', tokens: 3, seed: 1, temperatureThousandths: 800, topK: 40 },
    });
    expect(instructions).toBeGreaterThan(3e6);
    expect(stackBytes).toBeGreaterThan(100);
    expect(stackBytes).toBeLessThan(704);
  });
});
