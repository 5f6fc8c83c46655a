import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMULATORS } from '../../src/emulate/emulators.js';
import { INSTRUCTION_COUNTER } from '../../src/emulate/instruction-counter.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a user gets: the packed tarball, installed into a folder that knows nothing of this repository. */
describe('the packed package', () => {
  let folder: string;
  let installed: string;
  let content: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flashlm-pack-'));
    const packed = await execa('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
    const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[')));
    content = files.map((file: { path: string }) => file.path);
    await writeFile(path.join(folder, 'package.json'), '{"private":true}');
    await execa(
      'npm',
      ['install', '--no-audit', '--no-fund', '--omit=optional', path.join(folder, filename)],
      {
        cwd: folder,
      },
    );
    installed = path.join(folder, 'node_modules', '.bin', 'flashlm-mcu');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('shows its help', async () => {
    const { stdout } = await execa(installed, ['--help'], { cwd: folder });
    expect(stdout).toContain('flashlm-mcu build --board');
  });

  it('has the source of every helper that is compiled where it is used', () => {
    const helpers = [INSTRUCTION_COUNTER, ...EMULATORS.flatMap(({ program }) => program?.compiled ?? [])];
    expect(content).toEqual(expect.arrayContaining(helpers.map(({ source }) => `src/emulate/${source}.c`)));
  });

  it('tells a story on the host', async () => {
    const { stdout } = await execa(
      installed,
      [
        'emulate',
        '--board',
        'host',
        '--prompt',
        'Once upon a time',
        '--tokens',
        '20',
        '--seed',
        '1',
        '--json',
      ],
      { cwd: folder },
    );
    const result = JSON.parse(stdout);
    expect(result.board).toBe('host');
    expect(result.tokens.length).toBeGreaterThan(0);
    expect(result.text).not.toBe('');
  });
});
