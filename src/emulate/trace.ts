import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import type { FirmwareConsole } from './firmware-console.js';

/** Firmware that answers lines: on an emulator, or on a serial port. */
export type Conversation = Pick<FirmwareConsole, 'ask' | 'set'>;

/** How a story is sampled; docs/arithmetic.md, section 8. */
export interface StorySettings {
  prompt: string;
  /** Most tokens that are sampled. */
  tokens: number;
  seed: number;
  temperatureThousandths: number;
  topK: number;
}

/** What traced firmware reports of a run. */
export interface FirmwareTrace {
  steps: { token: number; checksum: number }[];
  /** How many of the last steps fed a sampled token. */
  sampled: number;
  checksum: number;
}

/** A machine line of the console: one step, one probed vector, elements of one, or the end of the run. */
const hexadecimal = z
  .string()
  .regex(/^[0-9a-f]{8}$/)
  .transform((digits) => Number.parseInt(digits, 16));
const stepLine = z.strictObject({ step: z.int(), token: z.int(), checksum: hexadecimal });
const closingLine = z.strictObject({ steps: z.int(), sampled: z.int(), checksum: hexadecimal });
const pointLine = z.strictObject({
  point: z.int(),
  block: z.int(),
  name: z.string(),
  count: z.int(),
  checksum: hexadecimal,
});
const valuesLine = z.strictObject({ point: z.int(), offset: z.int(), values: z.array(z.int()) });

export type ProbedPoint = z.infer<typeof pointLine>;

/** Sets the console up for a story. */
export async function applySettings(console: Conversation, settings: StorySettings): Promise<void> {
  await console.set(`/temp ${(settings.temperatureThousandths / 1000).toFixed(3)}`);
  await console.set(`/topk ${settings.topK}`);
  await console.set(`/tokens ${settings.tokens}`);
  await console.set(`/seed ${settings.seed}`);
}

/** Has a story told in trace. */
export async function traceStory(console: Conversation, settings: StorySettings): Promise<FirmwareTrace> {
  await applySettings(console, settings);
  await console.set('/trace 1');
  const lines = machineLines(await console.ask(encodeLine(settings.prompt)));
  const closing = closingLine.safeParse(lines.at(-1));
  const steps = lines.slice(0, -1).map((line) => stepLine.safeParse(line));
  if (!closing.success || closing.data.steps !== steps.length) throw garbled();
  return {
    steps: steps.map((step, index) => {
      if (step.data?.step !== index) throw garbled();
      return { token: step.data.token, checksum: step.data.checksum };
    }),
    sampled: closing.data.sampled,
    checksum: closing.data.checksum,
  };
}

/** Checksums of every intermediate vector of one step of a story. */
export async function probeChecksums(
  console: Conversation,
  settings: StorySettings,
  step: number,
): Promise<ProbedPoint[]> {
  const lines = await probe(console, settings, `/probe ${step}`);
  return lines.flatMap((line) => pointLine.safeParse(line).data ?? []);
}

/** The elements of one intermediate vector of one step. */
export async function probeValues(
  console: Conversation,
  settings: StorySettings,
  step: number,
  point: number,
): Promise<number[]> {
  const lines = await probe(console, settings, `/probe ${step} ${point}`);
  return lines.flatMap((line) => valuesLine.safeParse(line).data?.values ?? []);
}

async function probe(console: Conversation, settings: StorySettings, command: string): Promise<unknown[]> {
  await applySettings(console, settings);
  await console.set('/trace 1');
  await console.set(command);
  const answer = await console.ask(encodeLine(settings.prompt));
  await console.set('/probe off');
  return machineLines(answer);
}

/**
 * A prompt as the console takes it: one line, at most 255 bytes, not a command. The bytes travel as latin1.
 * @throws FlashlmError bad-argument
 */
export function encodeLine(prompt: string): string {
  const bytes = Buffer.from(prompt, 'utf8');
  const problem =
    bytes.length > 255
      ? `is ${bytes.length} bytes long; a chip takes at most 255`
      : /\p{Cc}/u.test(prompt)
        ? 'holds a line end or a control character'
        : prompt.startsWith('/')
          ? 'begins with "/", which the console takes for a command'
          : null;
  if (problem !== null) {
    throw new FlashlmError('bad-argument', `The prompt ${problem}.`, 'Give one shorter line of plain text.');
  }
  return prompt;
}

function machineLines(answer: string): unknown[] {
  return answer
    .split('\n')
    .filter((line) => line.startsWith('@@'))
    .map((line) => {
      try {
        return JSON.parse(line.slice(2));
      } catch {
        throw garbled();
      }
    });
}

function garbled(): FlashlmError {
  return new FlashlmError(
    'emulator-failed',
    "The firmware's trace is not what docs/console.md describes.",
    'Build the firmware again with this version of flashlm-mcu.',
  );
}
