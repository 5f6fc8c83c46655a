import { execa } from 'execa';
import { findToolchain, requireProgram } from '../compile/toolchains.js';
import { type StepCount, tellCounted } from '../emulate/counted-story.js';
import type { EmulatorFirmware } from '../emulate/emulator-firmware.js';
import { MEASURED_STORIES } from '../emulate/token-cost.js';
import type { StorySettings } from '../emulate/trace.js';
import { FlashlmError } from '../errors.js';

/** Instructions that a part of the firmware executes for a token, the mean over a short story. */
export interface TokenPart {
  name: string;
  instructions: number;
}

/** What a token is made of. */
export interface TokenParts {
  /** Of the whole token, from the beginning of its step to the beginning of the next. */
  instructions: number;
  /** From the largest to the smallest; they add up to the whole but for rounding. */
  parts: TokenPart[];
  /** The same by function of the program. */
  functions: TokenPart[];
  /** Rows of the embedding that the head read, a mean. */
  headRows: number;
  /** Bytes of the screen's records that the head read, a mean to within half a KB; null without a screen. */
  stageBytes: number | null;
}

/** A function of the compiled firmware. */
interface CompiledFunction {
  name: string;
  address: number;
  /** Path of its source, or nothing for the compiler's own libraries. */
  file: string | undefined;
}

const TEXT = 'tokenizer, console and port';
const LIBRARY = "the compiler's library";

/** Which file of the firmware belongs to which part; what is not named is text. */
const PART_OF_FILE: Record<string, string> = {
  'model/flashlm_kernel.c': 'ternary products',
  'core/head.c': 'output head',
  'core/clusters.c': 'output head',
  'core/dot_product.c': 'output head',
  'core/prediction.c': 'output head',
  'core/screen.c': 'output head',
  'core/memory.c': 'memory',
  'core/mixer.c': 'convolution and its gate',
  'core/feed_forward.c': "feed-forward layer's gate",
  'core/sigmoid.c': "the gates' sigmoid",
  'core/norm.c': 'norms and rounding',
  'core/arithmetic.c': 'norms and rounding',
  'core/quantiser.c': 'norms and rounding',
  'core/rescale.c': 'norms and rounding',
  'core/embedding.c': 'embedding',
  'core/forward.c': 'embedding',
  'core/sampler.c': 'sampler',
  'core/random.c': 'sampler',
};

/**
 * Has the firmware tell a story on its emulator, and says where the instructions of a sampled token go.
 *
 * @param toolchainId that the firmware was compiled with
 * @throws FlashlmError emulator-failed; missing-tool without the toolchain's `nm`, or where nothing can be counted: on
 *   the host itself, without a C compiler for the counter, with a QEMU that refuses it
 */
export async function measureTokenParts(
  firmware: EmulatorFirmware,
  toolchainId: string,
  story: StorySettings = MEASURED_STORIES.greedy,
): Promise<TokenParts> {
  const { steps, tokens, rows, stageBytes } = await tellCounted(firmware, story, true);
  if (steps === null) {
    throw new FlashlmError(
      'missing-tool',
      'Instructions cannot be counted here.',
      "It takes gcc, and a board whose emulator is QEMU 4.2 or later with plugins, as Debian's is.",
    );
  }
  const measured = steps.slice(-tokens);
  if (measured.length < 2) {
    throw new FlashlmError(
      'bad-argument',
      'The model ends the story at once.',
      'Choose a model that tells one.',
    );
  }
  const functions = await functionsOf(firmware.elfFile, toolchainId);
  return {
    ...attribute(measured, functions),
    headRows: rows / tokens,
    stageBytes: stageBytes === null ? null : stageBytes / tokens,
  };
}

/** @param steps of sampled tokens; what a step counts belongs to the token before it */
function attribute(
  steps: StepCount[],
  functions: CompiledFunction[],
): Pick<TokenParts, 'instructions' | 'parts' | 'functions'> {
  const intervals = steps.length - 1;
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  for (const { address, instructions } of steps.slice(1).flatMap(({ blocks }) => blocks)) {
    const owner = functions.findLast((candidate) => candidate.address <= address);
    add(byFunction, owner?.name ?? LIBRARY, instructions / intervals);
    add(byPart, partOf(owner?.file), instructions / intervals);
  }
  return {
    instructions: Math.round((steps[intervals].executed - steps[0].executed) / intervals),
    parts: sorted(byPart),
    functions: sorted(byFunction),
  };
}

function partOf(file: string | undefined): string {
  if (file === undefined) return LIBRARY;
  const known = Object.entries(PART_OF_FILE).find(([end]) => file.endsWith(`/src/${end}`));
  return known?.[1] ?? TEXT;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function sorted(sums: Map<string, number>): TokenPart[] {
  return [...sums]
    .map(([name, sum]) => ({ name, instructions: Math.round(sum) }))
    .sort((a, b) => b.instructions - a.instructions);
}

/** In order of address, from the debugging information (binutils' `nm --line-numbers`). */
async function functionsOf(elfFile: string, toolchainId: string): Promise<CompiledFunction[]> {
  const { prefix, debianPackage } = findToolchain(toolchainId);
  await requireProgram(`${prefix}nm`, debianPackage);
  const options = ['--line-numbers', '--numeric-sort', '--defined-only'];
  const { stdout } = await execa(`${prefix}nm`, [...options, elfFile]);
  return [...stdout.matchAll(/^([0-9a-f]+) [tTwW] (\S+)(?:\t(.*):\d+)?$/gm)]
    .filter(([, , name]) => !name.startsWith('$') && !name.startsWith('.L')) // marks of instruction sets and jumps
    .map(([, address, name, file]) => ({ name, address: parseInt(address, 16), file }));
}
