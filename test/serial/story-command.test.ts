import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addStoryCommand } from '../../src/commands/story.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { Workbench } from './fixture.js';

const SETTINGS: StorySettings = {
  prompt: 'Zoë',
  tokens: 40,
  seed: 3,
  temperatureThousandths: 600,
  topK: 12,
};
const OPTIONS = ['--tokens', '40', '--seed', '3', '--temperature', '0.6', '--top-k', '12'];

let workbench: Workbench;
let port: string;
const printed = { stdout: '', stderr: '' };

beforeAll(async () => {
  workbench = await Workbench.create();
  port = (await workbench.startFirmware()).device;
});
afterAll(() => workbench.end());

beforeEach(() => {
  for (const stream of ['stdout', 'stderr'] as const) {
    printed[stream] = '';
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += text;
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

async function run(...programArguments: string[]): Promise<void> {
  const program = new Command('flashlm-mcu').exitOverride();
  addStoryCommand(program);
  await program.parseAsync(['story', ...programArguments], { from: 'user' });
}

describe('story', () => {
  it('prints the story, and its speed on stderr', async () => {
    await run('--port', port, 'Zoë', ...OPTIONS);
    const text = workbench.referenceText(SETTINGS);
    expect(printed.stdout).toBe(text.endsWith('\n') ? text : `${text}\n`);
    expect(printed.stderr).toMatch(/^\[\d+ tokens in \d+\.\d s: \d+\.\d tokens\/s\]\n$/);
  });

  it('prints one JSON document', async () => {
    await run('--port', port, 'Zoë', '--json', ...OPTIONS);
    expect(JSON.parse(printed.stdout)).toEqual({
      port,
      text: workbench.referenceText(SETTINGS),
      tokens: expect.any(Number),
      seconds: expect.any(Number),
      tokensPerSecond: expect.any(Number),
    });
    expect(printed.stderr).toBe('');
  });

  it.each([
    ['a prompt that is a command', '/trace 1'],
    ['a prompt of two lines', 'Tom\nran'],
    ['a prompt of 256 bytes', 'é'.repeat(128)],
  ])('refuses %s', async (_, prompt) => {
    await expect(run('--port', port, prompt)).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('refuses --json without a prompt', async () => {
    await expect(run('--port', port, '--json')).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('says when the port is not there', async () => {
    await expect(run('--port', '/dev/no-such-port', 'Tom')).rejects.toMatchObject({ code: 'port-failed' });
  });
});
