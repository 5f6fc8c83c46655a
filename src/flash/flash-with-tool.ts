import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { choosePort } from './choose-port.js';
import { type FlashTool, findFlashTool, toolMissing } from './flash-tools.js';
import { runTool } from './run-tool.js';
import { needsPort, needsTouch, type ToolMethod, toolJob, toolsFor } from './tool-jobs.js';
import { findRunning, touchAndFind } from './touch.js';
import type { FindPorts, UsbPort } from './usb-ports.js';

export interface ToolFlashing {
  board: Board;
  method: ToolMethod;
  /** What is flashed, as an absolute path. */
  file: string;
  /** The port, or tool, that the user named. */
  port: string | undefined;
  tool: string | undefined;
  findPorts: FindPorts;
  signal?: AbortSignal;
  onOutput: (text: string) => void;
}

/**
 * Has another program write firmware, after the running one has given way to the boot loader where it must.
 *
 * @returns the tool's name, the port if it needs one, and whether the tool has read back what it wrote
 * @throws FlashlmError bad-argument, missing-tool, port-failed: nothing was written; wrong-chip, flash-failed
 */
export async function flashWithTool(
  job: ToolFlashing,
): Promise<{ tool: string; port: string | null; verifies: boolean }> {
  const { board, method } = job;
  const { tool, program } = await chooseTool(job);
  const port = await findPort(job, tool);
  const call = toolJob(method, tool, job.file, port?.path ?? '');
  await runTool({ ...job, job: call, program, board: board.id });
  return { tool: tool.name, port: needsPort(method) ? (port?.path ?? null) : null, verifies: call.verifies };
}

async function chooseTool({
  method,
  tool: given,
}: ToolFlashing): Promise<{ tool: FlashTool; program: string }> {
  const able = toolsFor(method);
  const asked = given === undefined ? able : able.filter(({ name }) => name === given);
  if (asked.length === 0) {
    throw new FlashlmError(
      'bad-argument',
      `${given} does not flash this board.`,
      `Leave --tool out, or choose ${able.map(({ name }) => name).join(' or ')}.`,
    );
  }
  for (const tool of asked) {
    const program = await findFlashTool(tool);
    if (program !== null) return { tool, program };
  }
  throw toolMissing(asked);
}

/** The port of the boot loader; null where the tool needs none. */
async function findPort(
  { board, method, port, findPorts }: ToolFlashing,
  tool: FlashTool,
): Promise<UsbPort | null> {
  if (needsPort(method)) {
    const running = choosePort(board, await findPorts(), port);
    return needsTouch(method, tool) ? touchAndFind(running, findPorts) : running;
  }
  if (!needsTouch(method, tool)) return null;
  const running = await findRunning(board, port, findPorts);
  // Where no program runs, the boot loader may: the tool looks for it.
  return running === null ? null : touchAndFind(running, findPorts);
}
