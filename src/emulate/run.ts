import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { readElf } from '../compile/elf.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { FirmwareConsole } from './firmware-console.js';
import { instructionCounter } from './instruction-counter.js';
import { applySettings, encodeLine, type FirmwareTrace, type StorySettings, traceStory } from './trace.js';

/** Function of the firmware that begins each token; firmware/core/forward.h. */
const STEP_FUNCTION = 'flashlm_step';
/** Sampled tokens whose instructions are counted. */
const COUNTED_TOKENS = 8;

/** Starts a board's firmware on its emulator and waits for its prompt. */
export async function startFirmware(
  { emulator, elfFile }: EmulatorFirmware,
  extraArguments: string[] = [],
): Promise<FirmwareConsole> {
  const emulatorArguments = [...emulator.arguments(elfFile, 'stdio'), ...extraArguments];
  return FirmwareConsole.start(emulator.program?.name ?? elfFile, emulatorArguments);
}

/** One story told in trace on an emulator. */
export async function traceOnEmulator(
  firmware: EmulatorFirmware,
  settings: StorySettings,
): Promise<FirmwareTrace> {
  const console = await startFirmware(firmware);
  try {
    return await traceStory(console, settings);
  } finally {
    await console.close();
  }
}

/**
 * A story told on an emulator as a person would hear it.
 * @param onText receives prompt, story and closing line as they arrive
 */
export async function tellOnEmulator(
  firmware: EmulatorFirmware,
  settings: StorySettings,
  onText: (text: string) => void,
): Promise<void> {
  const console = await startFirmware(firmware);
  const decoder = new StringDecoder('utf8');
  try {
    await applySettings(console, settings);
    await console.set('/trace 0');
    await console.ask(encodeLine(settings.prompt), (bytes) => {
      onText(decoder.write(Buffer.from(bytes, 'latin1')).replaceAll('\r\n', '\n').replace(/\n> $/, '\n'));
    });
  } finally {
    await console.close();
  }
}

/**
 * Instructions that the firmware executes for one sampled token: everything between the beginnings of two steps, that
 * is the model, the sampler and the printing of the token. The mean over the sampled tokens of a short greedy story.
 *
 * @returns null where they cannot be counted: on the host itself, or without a C compiler for the counter
 */
export async function countInstructionsPerToken(firmware: EmulatorFirmware): Promise<number | null> {
  const plugin = firmware.emulator.program === null ? null : await instructionCounter();
  if (plugin === null) return null;
  const { symbols } = readElf(await readFile(firmware.elfFile));
  const address = symbols.get(STEP_FUNCTION);
  if (address === undefined) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-count-'));
  const counts = path.join(folder, 'counts.txt');
  try {
    const console = await startFirmware(firmware, [
      '-plugin',
      `${plugin},mark=0x${address.toString(16)},out=${counts}`,
    ]);
    try {
      const settings = {
        prompt: 'Once',
        tokens: COUNTED_TOKENS,
        seed: 1,
        temperatureThousandths: 0,
        topK: 1,
      };
      await applySettings(console, settings);
      await console.set('/trace 0');
      await console.ask(encodeLine(settings.prompt));
    } finally {
      await console.close();
    }
    return meanOfLastDifferences((await readFile(counts, 'utf8')).trim().split('\n').map(Number));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last steps feed sampled tokens; those before belong to the prompt, whose logits are not computed. */
function meanOfLastDifferences(counts: number[]): number {
  const last = counts.slice(-(COUNTED_TOKENS - 1));
  return Math.round((last[last.length - 1] - last[0]) / (last.length - 1));
}
