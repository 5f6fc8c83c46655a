import { execa } from 'execa';
import { FlashlmError } from '../errors.js';
import type { ToolJob } from './tool-jobs.js';

/** A tool that says nothing for so long waits for a board that does not come. */
const SILENCE_MILLISECONDS = 60_000;

export interface ToolRun {
  job: ToolJob;
  /** Where the tool lies. */
  program: string;
  /** What the firmware is for, for messages. */
  board: string;
  signal?: AbortSignal;
  /** What the tool says, as it says it. */
  onOutput?: (text: string) => void;
  /** Ends a tool that is silent for so long. */
  silenceMilliseconds?: number;
}

/**
 * Has a tool write firmware.
 * @throws FlashlmError port-failed if it finds no board; wrong-chip; flash-failed with what it said last
 */
export async function runTool(run: ToolRun): Promise<void> {
  const { job, program, signal, onOutput = () => undefined } = run;
  const child = execa(program, job.words, {
    all: true,
    reject: false,
    stdin: 'ignore',
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  let isSilent = false;
  const stop = () => {
    isSilent = true;
    child.kill();
  };
  let timer = setTimeout(stop, run.silenceMilliseconds ?? SILENCE_MILLISECONDS);
  child.all.on('data', (bytes: Buffer) => {
    onOutput(bytes.toString());
    clearTimeout(timer);
    timer = setTimeout(stop, run.silenceMilliseconds ?? SILENCE_MILLISECONDS);
  });
  const { exitCode, all } = await child;
  clearTimeout(timer);
  if (exitCode === 0 || job.done?.test(all) === true) return;
  throw failure(run, all, signal?.aborted === true ? 'interrupted' : isSilent ? 'silent' : 'failed');
}

function failure(
  { job, board }: ToolRun,
  output: string,
  how: 'interrupted' | 'silent' | 'failed',
): FlashlmError {
  const { name } = job.tool;
  if (how === 'interrupted') {
    return new FlashlmError(
      'flash-failed',
      `${name} was interrupted; the firmware on the board may be incomplete.`,
      'Run this again.',
    );
  }
  const isUntouched = !job.begun.test(output);
  if (isUntouched && job.wrongChip?.test(output) === true) {
    return new FlashlmError(
      'wrong-chip',
      `${name} finds another chip than that of the board "${board}"; nothing was written.`,
      'Name the right --board or --port.',
    );
  }
  if (isUntouched && job.noBoard.test(output)) {
    return new FlashlmError(
      'port-failed',
      `${name} finds no board "${board}" in its boot loader; nothing was written.`,
      job.byHand,
    );
  }
  const why = how === 'silent' ? 'stopped saying anything' : `failed: ${lastWords(output)}`;
  return new FlashlmError(
    'flash-failed',
    `${name} ${why}; the firmware on the board may be incomplete.`,
    `${job.byHand} The command was: ${[name, ...job.words].join(' ')}`,
  );
}

/** The last line that says something, without its full stop. */
function lastWords(output: string): string {
  const lines = output.split(/[\r\n]+/).map((line) => line.trim());
  return (lines.findLast((line) => /\w/.test(line)) ?? 'it said nothing').replace(/\.$/, '');
}
