import { type StepCount, tellCounted } from './counted-story.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import type { StorySettings } from './trace.js';

/** The stories whose tokens are measured: always the same, so that the figures are. */
export const MEASURED_STORIES = {
  /** The likeliest token each time. */
  greedy: { prompt: 'Once', tokens: 32, seed: 1, temperatureThousandths: 0, topK: 1 },
  /** The settings with which a board starts (docs/console.md). */
  sampled: { prompt: 'Once', tokens: 32, seed: 1, temperatureThousandths: 800, topK: 40 },
} as const satisfies Record<string, StorySettings>;

/** What a short story takes: means over its sampled tokens, and the stack; null where it is unknown. */
export interface TokenCost {
  /**
   * Everything from the beginning of a token's step to the beginning of the next: the model, the sampler and the
   * printing. Unknown on the host itself, without a C compiler for the counter, with a QEMU that does not take it, or
   * if the model ends the story at once.
   */
  instructions: number | null;
  /** The same of each of two cores, without waiting; null where one computes, or where `instructions` is. */
  ofCores: [number, number] | null;
  /** Rows of the embedding that the head read. Unknown if the model ends the story at once. */
  rows: number | null;
  /** Bytes of the screen's records that the head read, to within half a KB; null or unknown without a screen. */
  stageBytes: number | null;
  /** The deepest that the stack has been, from start to the end of the story, in bytes; unknown on the host. */
  stackBytes: number | null;
}

/**
 * Has the firmware tell a story on its emulator, and counts.
 * @throws FlashlmError emulator-failed
 */
export async function measureTokenCost(
  firmware: EmulatorFirmware,
  story: StorySettings = MEASURED_STORIES.greedy,
): Promise<TokenCost> {
  const { tokens, rows, stageBytes, stackBytes, steps } = await tellCounted(firmware, story, false);
  const counts = steps?.map(({ executed }) => executed) ?? [];
  return {
    instructions: meanInterval(counts, tokens),
    ofCores: meanOfCores(steps, tokens),
    rows: tokens === 0 ? null : rows / tokens,
    stageBytes: tokens === 0 || stageBytes === null ? null : stageBytes / tokens,
    stackBytes,
  };
}

function meanOfCores(steps: StepCount[] | null, sampled: number): [number, number] | null {
  const counts = (steps ?? []).flatMap(({ ofCores }) => (ofCores === null ? [] : [ofCores]));
  const [first, second] = [0, 1].map((core) =>
    meanInterval(
      counts.map((count) => count[core]),
      sampled,
    ),
  );
  return first === null || second === null ? null : [first, second];
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
