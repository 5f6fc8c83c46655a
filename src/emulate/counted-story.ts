import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readElf } from '../compile/elf.js';
import { FlashlmError } from '../errors.js';
import { counterArguments } from './counter-arguments.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { FirmwareConsole } from './firmware-console.js';
import { applySettings, encodeLine, type StorySettings } from './trace.js';

/** Function of the firmware that begins each token; firmware/core/forward.h. */
const STEP_FUNCTION = 'flashlm_step';

/** What the firmware did when it told a story. */
export interface ToldStory {
  /** How many tokens were sampled. */
  tokens: number;
  /** Rows of the embedding that the head read for all of them. */
  rows: number;
  /** Bytes of its screen's records that it read, to the nearest KB for each token; null without a screen. */
  stageBytes: number | null;
  /** The deepest that the stack has been since the start, in bytes; null on the host. */
  stackBytes: number | null;
  /**
   * One for each step, at its beginning, those of the prompt first. Null on the host itself, without a C compiler for
   * the counter, and with a QEMU that does not take it.
   */
  steps: StepCount[] | null;
}

/** What src/emulate/instruction_counter.c wrote when a step began. */
export interface StepCount {
  /** All instructions executed until then, one after another: what a second core does at the same time does not count. */
  executed: number;
  /** Of both cores, each without its waiting; null where one computes. */
  ofCores: [number, number] | null;
  /** Those since the step before, by stretch of code; empty unless blocks were asked for. */
  blocks: { address: number; instructions: number }[];
}

/**
 * Has the firmware tell a story on its emulator, and counts executed instructions.
 *
 * @param withBlocks whether to count them by stretch of code as well
 * @throws FlashlmError emulator-failed
 */
export async function tellCounted(
  firmware: EmulatorFirmware,
  story: StorySettings,
  withBlocks: boolean,
): Promise<ToldStory> {
  const { symbols } = readElf(await readFile(firmware.symbolsFile ?? firmware.elfFile));
  const mark = symbols.get(STEP_FUNCTION);
  if (mark === undefined) return { ...(await tell(firmware, story, [])), steps: null };
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-count-'));
  try {
    const file = path.join(folder, 'counts.txt');
    const counter = await counterArguments(firmware.emulator, mark, file, {
      plugin: `${withBlocks ? ',blocks=on' : ''}${jobMarks(symbols)}`,
      machine: withBlocks ? ['--blocks'] : [],
    });
    if (counter === null) return { ...(await tell(firmware, story, [])), steps: null };
    const told = await tell(firmware, story, counter).catch((error) => {
      if (error instanceof FlashlmError && error.code === 'emulator-failed') return null; // it refuses the counter
      throw error;
    });
    if (told === null) return { ...(await tell(firmware, story, [])), steps: null };
    return { ...told, steps: parseSteps(await readFile(file, 'utf8')) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** For QEMU's counter: where the first core begins a job of the second and waits for it, and where both only wait. */
function jobMarks(symbols: ReadonlyMap<string, number>): string {
  const names = ['flashlm_second_core_begin', 'flashlm_second_core_wait', 'flashlm_await'];
  const [begin, wait, idle] = names.map((name) => symbols.get(name));
  if (begin === undefined || wait === undefined || idle === undefined) return '';
  const idleEnd = Math.min(...[...symbols.values()].filter((address) => address >= idle + 2));
  const [beginText, waitText, from, to] = [begin, wait, idle, idleEnd].map((value) => value.toString(16));
  return `,begin=0x${beginText},wait=0x${waitText},idle=0x${from}-0x${to}`;
}

/** Reads the counter's output: src/emulate/instruction_counter.c has its format. */
export function parseSteps(output: string): StepCount[] {
  const steps: StepCount[] = [];
  for (const line of output.trimEnd().split('\n')) {
    const [executed, address, instructions] = line.split(' ');
    const ofCores: StepCount['ofCores'] =
      instructions === undefined ? null : [Number(address), Number(instructions)];
    if (executed !== '') steps.push({ executed: Number(executed), ofCores, blocks: [] });
    else steps.at(-1)?.blocks.push({ address: parseInt(address, 16), instructions: Number(instructions) });
  }
  return steps;
}

async function tell(
  firmware: EmulatorFirmware,
  story: StorySettings,
  extraArguments: string[],
): Promise<Omit<ToldStory, 'steps'>> {
  const console = await FirmwareConsole.start(firmware, { extraArguments });
  try {
    await applySettings(console, story);
    const { tokens } = await console.tell(encodeLine(story.prompt));
    const information = await console.ask('/info');
    return {
      tokens,
      rows: rowsOfLastStory(information),
      stageBytes: stageBytesOfLastStory(information),
      stackBytes: stackUse(information),
    };
  } finally {
    await console.close();
  }
}

function rowsOfLastStory(information: string): number {
  const match = /^last story: \d+ tokens, (\d+) rows of the embedding read/m.exec(information);
  if (match !== null) return Number(match[1]);
  throw new FlashlmError(
    'emulator-failed',
    'The firmware does not say how many rows of the embedding it read, as docs/console.md has it.',
    'Build the firmware again with this version of flashlm-mcu.',
  );
}

function stageBytesOfLastStory(information: string): number | null {
  const match = /^last story: .* (\d+) KB of the screen/m.exec(information);
  return match === null ? null : Number(match[1]) * 1024;
}

function stackUse(information: string): number | null {
  const match = /^stack: (\d+) of \d+ bytes/m.exec(information);
  return match === null ? null : Number(match[1]);
}
