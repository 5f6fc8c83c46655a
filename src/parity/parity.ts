import type { EmulatorFirmware } from '../emulate/emulator-firmware.js';
import { FirmwareConsole } from '../emulate/firmware-console.js';
import { type FirmwareTrace, type StorySettings, traceStory } from '../emulate/trace.js';
import { checksumOf } from '../integer/checksum.js';
import { generateTrace, type Trace } from '../integer/generate.js';
import type { IntegerModel } from '../integer/model.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { describeMismatch } from './mismatch.js';
import { compareTold } from './told.js';

/** What a comparison of firmware with the integer reference found. */
export interface ParityReport {
  status: 'match' | 'broken';
  /** What the firmware ran on, in words. */
  target: string;
  /** Steps compared: every logit of each enters its checksum. */
  steps: number;
  /** Of all runs of the reference, eight hexadecimal digits. */
  checksum: string;
  /** Where they differ first: story, step, layer, element; or story and token, told without a trace. Only when broken. */
  mismatch?: string;
}

/**
 * Compares firmware on an emulator with the integer reference: token and checksum of all logits at every step of
 * every story; and, as a board tells it, with no trace and only those rows of the output head that it needs, its text.
 *
 * @param onProgress receives the share that is done, 0..1
 * @throws FlashlmError emulator-failed
 */
export async function checkParity(
  model: IntegerModel,
  firmware: EmulatorFirmware,
  stories: readonly StorySettings[],
  onProgress: (share: number) => void = () => undefined,
): Promise<ParityReport> {
  const target = firmware.emulator.description;
  const runChecksums: number[] = [];
  let steps = 0;
  const console = await FirmwareConsole.start(firmware);
  try {
    for (const [index, story] of stories.entries()) {
      const expected = referenceTrace(model, story);
      const actual = await traceStory(console, story);
      runChecksums.push(expected.checksum);
      steps += expected.steps.length;
      const step = firstDifference(expected, actual);
      const mismatch =
        step === null
          ? await compareTold(model, console, story, expected)
          : await describeMismatch(model, console, story, expected, actual, step);
      if (mismatch !== null) {
        return { status: 'broken', target, steps, checksum: hexadecimal(checksumOf(runChecksums)), mismatch };
      }
      onProgress((index + 1) / stories.length);
    }
  } finally {
    await console.close();
  }
  return { status: 'match', target, steps, checksum: hexadecimal(checksumOf(runChecksums)) };
}

/** The story as the integer reference tells it. */
export function referenceTrace(model: IntegerModel, story: StorySettings): Trace {
  return generateTrace(model, { ...story, prompt: Tokenizer.fromPieces(model.pieces).encode(story.prompt) });
}

/** Eight digits, as the console prints checksums. */
export function hexadecimal(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

function firstDifference(expected: Trace, actual: FirmwareTrace): number | null {
  const length = Math.max(expected.steps.length, actual.steps.length);
  for (let step = 0; step < length; step++) {
    const [a, b] = [expected.steps[step], actual.steps[step]];
    if (a?.token !== b?.token || a?.checksum !== b?.checksum) return step;
  }
  return null;
}
