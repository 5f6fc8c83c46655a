import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMAGES } from '../firmware/models.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const GREETING = /^flashlm-mcu: random 1, [\s\S]*\r\n> /;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-emulate-command-'));
  await writeFile(path.join(folder, 'model.flm'), IMAGES.small);
});
afterAll(() => rm(folder, { recursive: true }));

/** Starts `emulate` as a user does; its firmware lies in a cache below this test's folder. */
function emulate(words: string[], input?: string) {
  return execa(process.execPath, [CLI, 'emulate', '--model', 'model.flm', ...words], {
    cwd: folder,
    env: { XDG_CACHE_HOME: folder },
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
}

/** Command lines of running programs that were given a file of this test's folder: emulators and firmware. */
async function programsOfThisTest(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commandLines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')),
  );
  return commandLines.filter((line) => line.includes(folder));
}

describe.each(['host', 'esp32c3', 'pico', 'esp32', 'mega2560'])('emulate on %s', (board) => {
  it('answers what is piped in, a last line without an end included, and ends', async () => {
    const { exitCode, stdout } = await emulate(['--board', board], '/seed 9\n/tokens 3\nTom');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(GREETING);
    expect(stdout).toMatch(/seed 9\r\n> tokens 3\r\n> Tom[\s\S]*\[\d tokens.*\]\r\n> $/);
  });

  it('ends when its input is empty', async () => {
    const { exitCode, stdout } = await emulate(['--board', board], '');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(GREETING);
  });
});

describe('emulate', () => {
  it('prints the story on stdout and its speed on stderr', async () => {
    const { stdout, stderr } = await emulate(['--board', 'esp32c3', '--prompt', 'Tom', '--tokens', '4']);
    expect(stdout).toMatch(/^Tom/);
    expect(stdout).not.toMatch(/tokens\]|tokens in/);
    expect(stderr).toMatch(/^\[\d tokens in \d+\.\d s: \d+\.\d tokens\/s\]$/);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves no emulator behind on %s', async (signal) => {
    const running = emulate(['--board', 'esp32c3', '--pty']);
    await once(running.stdout, 'data');
    expect(await programsOfThisTest()).toHaveLength(1);
    running.kill(signal);
    await running;
    await expect.poll(programsOfThisTest, { timeout: 10_000 }).toEqual([]);
  });

  it('refuses a prompt that no board takes before it compiles anything', async () => {
    const cache = path.join(folder, 'unused');
    const result = await execa(
      process.execPath,
      [CLI, 'emulate', '--prompt', '/help', '--model', 'model.flm'],
      {
        cwd: folder,
        env: { XDG_CACHE_HOME: cache },
        reject: false,
      },
    );
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(/^error: The prompt begins with "\/".*\n.+$/);
    expect(await readdir(folder)).not.toContain('unused');
  });

  it('says a wrong use as JSON, too', async () => {
    const result = await emulate(['--json', '--tokens', 'many']);
    expect(result.exitCode).toBe(2);
    expect(JSON.parse(result.stdout)).toEqual({
      error: {
        code: 'bad-argument',
        what: expect.stringContaining('--tokens'),
        action: expect.stringContaining('--help'),
      },
    });
  });
});
