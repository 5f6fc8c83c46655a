import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { IMAGES } from './models.js';
import { buildFirmware, makeWorkspace, TARGETS } from './workspace.js';

const workspace = await makeWorkspace();
const elf = await buildFirmware(path.join(workspace, 'host'), IMAGES.small, TARGETS[0]);

let child: ChildProcess | null = null;
afterEach(() => {
  child?.kill();
  child = null;
});

async function openTerminal(): Promise<string> {
  child = spawn(elf, ['--pty'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  const name = /^pty (\/dev\/\S+)\n$/.exec(String(line))?.[1];
  if (name === undefined) {
    throw new Error(`no pseudo-terminal in: ${line}`);
  }
  return name;
}

/** Connects as a client, types, reads until the answer has come, and disconnects. */
async function converse(terminal: string, input: string, answer: RegExp): Promise<string> {
  const file = await open(terminal, 'r+');
  try {
    await file.write(input);
    let output = '';
    while (!answer.test(output)) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, null);
      output += buffer.toString('latin1', 0, bytesRead);
    }
    return output;
  } finally {
    await file.close();
  }
}

describe('the host program', () => {
  it('ends when its input does', async () => {
    const { stdout } = await execa(elf, { input: '/seed 3\n' });
    expect(stdout).toMatch(/> seed 3\r\n> $/);
  });

  it('refuses arguments that it does not know', async () => {
    const { exitCode, stderr } = await execa(elf, ['--help'], { reject: false });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^usage: /);
  });

  it('serves one client after the other on a pseudo-terminal', async () => {
    const terminal = await openTerminal();
    expect(await converse(terminal, '/seed 7\r', /seed 7\r\n> $/)).toMatch(/^flashlm-mcu: /);
    expect(await converse(terminal, '/info\r', /probe off\r\n> $/)).toContain('seed 7');
  });

  it('goes on when nobody reads what it says', async () => {
    const terminal = await openTerminal();
    const file = await open(terminal, 'r+');
    await file.write('/trace 1\r/tokens 200\r');
    await file.write('a\r'.repeat(20));
    await file.close();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await converse(terminal, '/seed 9\r', /seed 9\r\n> $/);
  }, 30_000);
});
