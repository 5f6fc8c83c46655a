import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addResultsCommand } from '../../src/commands/results.js';
import { runCommand } from './run-command.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-results-tables-'));
});
afterEach(() => rm(folder, { recursive: true }));

const marks = (name: string) => `<!-- ${name}:begin -->\n<!-- ${name}:end -->`;

it('puts the tables between their marks, and says so as JSON', async () => {
  const page = path.join(folder, 'page.md');
  await writeFile(page, `# Mine\n\n${marks('boards')}\n\nand\n\n${marks('parity')}\n`);
  const { stdout } = await runCommand(addResultsCommand, 'results', 'tables', '--into', page, '--json');
  expect(JSON.parse(stdout)).toEqual({ file: page, tables: ['boards', 'parity'] });
  const text = await readFile(page, 'utf8');
  expect(text).toMatch(/^# Mine\n\n<!-- boards:begin -->\n\n\| board \| mcu/);
  expect(text).toMatch(/\| match, \d+ steps \|/);
});

it.each([
  ['has no marks', 'page.md', /does not say where the table "boards" goes/],
  ['is not there', 'other.md', /cannot be read/],
])('refuses a page that %s, and leaves it as it was', async (_, name, complaint) => {
  await writeFile(path.join(folder, 'page.md'), '# Mine\n');
  const words = ['results', 'tables', '--into', path.join(folder, name)];
  await expect(runCommand(addResultsCommand, ...words)).rejects.toMatchObject({
    ...{ code: 'bad-argument', message: expect.stringMatching(complaint) },
  });
  expect(await readFile(path.join(folder, 'page.md'), 'utf8')).toBe('# Mine\n');
});
