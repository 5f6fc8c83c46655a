import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readElf } from '../compile/elf.js';
import { FlashlmError } from '../errors.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { FirmwareConsole } from './firmware-console.js';
import { instructionCounter } from './instruction-counter.js';
import { applySettings, encodeLine, type StorySettings } from './trace.js';

/** Function of the firmware that begins each token; firmware/core/forward.h. */
const STEP_FUNCTION = 'flashlm_step';
/** The story whose instructions are counted: greedy, so that it is always the same. */
const COUNTED_STORY: StorySettings = {
  prompt: 'Once',
  tokens: 8,
  seed: 1,
  temperatureThousandths: 0,
  topK: 1,
};

/**
 * Instructions that the firmware executes for one sampled token: everything from the beginning of its step to the
 * beginning of the next, that is the model, the sampler and the printing of the token. The mean over a short story.
 *
 * @returns null where they cannot be counted: on the host itself, without a C compiler for the counter, with a QEMU
 *   that does not take it, or if the model ends that story at once
 */
export async function countInstructionsPerToken(firmware: EmulatorFirmware): Promise<number | null> {
  const plugin = firmware.emulator.program === null ? null : await instructionCounter();
  const { symbols } = readElf(await readFile(firmware.elfFile));
  const address = symbols.get(STEP_FUNCTION);
  if (plugin === null || address === undefined) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-count-'));
  const countsFile = path.join(folder, 'counts.txt');
  try {
    const counter = `${plugin},mark=0x${address.toString(16)},out=${countsFile}`;
    const tokens = await tellCounted(firmware, ['-plugin', counter]);
    return tokens === null ? null : meanInterval(await readCounts(countsFile), tokens);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the number of tokens that were sampled; null if the emulator does not start with these arguments */
async function tellCounted(firmware: EmulatorFirmware, extraArguments: string[]): Promise<number | null> {
  const console = await FirmwareConsole.start(firmware, { extraArguments }).catch((error) => {
    if (error instanceof FlashlmError && error.code === 'emulator-failed') return null;
    throw error;
  });
  if (console === null) return null;
  try {
    await applySettings(console, COUNTED_STORY);
    return (await console.tell(encodeLine(COUNTED_STORY.prompt))).tokens;
  } finally {
    await console.close();
  }
}

async function readCounts(file: string): Promise<number[]> {
  return (await readFile(file, 'utf8')).trim().split('\n').map(Number);
}

/**
 * Each of the last steps, one for each token that was sampled, computes logits and samples; those before belong to the
 * prompt and do not. The last step has no successor that would end its count.
 *
 * @param counts of all instructions executed when each step began
 */
export function meanInterval(counts: number[], sampled: number): number | null {
  const beginnings = counts.slice(-sampled);
  const intervals = beginnings.length - 1;
  return intervals < 1 ? null : Math.round((beginnings[intervals] - beginnings[0]) / intervals);
}
