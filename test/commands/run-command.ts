import { Command } from 'commander';
import { vi } from 'vitest';

/** What a command left behind. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Runs one command in this process. Errors that it throws pass through. */
export async function runCommand(
  add: (program: Command) => void,
  ...words: string[]
): Promise<CommandResult> {
  const texts = { stdout: '', stderr: '' };
  const record = (stream: 'stdout' | 'stderr') =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      texts[stream] += text;
      return true;
    });
  const spies = [record('stdout'), record('stderr')];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const program = new Command('flashlm-mcu').exitOverride();
    add(program);
    await program.parseAsync(words, { from: 'user' });
    return { ...texts, exitCode: Number(process.exitCode) };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}
