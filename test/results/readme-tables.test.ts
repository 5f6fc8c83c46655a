import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import type { ChipRun } from '../../src/results/chip-runs.js';
import type { CoreRuns } from '../../src/results/core-runs.js';
import { fillMarks, type NamedMeasurement, renderReadmeTables } from '../../src/results/readme-tables.js';
import { IMAGES } from '../firmware/models.js';

describe('fillMarks', () => {
  const tables = new Map([['fruit', '| apple |']]);

  it('replaces what stands between the marks of a table, and nothing else', () => {
    const page = 'before <!-- fruit:begin -->\nold | table\n<!-- fruit:end --> after';
    const filled = fillMarks(page, tables, 'page.md');
    expect(filled).toBe('before <!-- fruit:begin -->\n\n| apple |\n\n<!-- fruit:end --> after');
    expect(fillMarks(filled, tables, 'page.md')).toBe(filled);
  });

  it.each(['no marks', '<!-- fruit:begin -->', '<!-- fruit:end --><!-- fruit:begin -->'])(
    'refuses a page without them: %s',
    (page) => {
      expect(() => fillMarks(page, tables, 'page.md')).toThrow(/page\.md does not say where .* "fruit"/);
    },
  );
});

describe('the tables of a README', async () => {
  const run = (toolchain: string, emulator: string, pageBytes: number | null): CoreRuns['runs'][number] => ({
    ...{ toolchain, emulator, cores: 1, pageBytes, target: `${emulator} (nearly)` },
    ...{ instructionsPerToken: 16_000_000, bytesPerToken: 4000, paritySteps: 7 },
  });
  const measured = (name: string, image: Uint8Array, chipRuns: ChipRun[]): NamedMeasurement => {
    const model = { name, fingerprint: '0123abcd', bytesInFlash: image.length };
    const runs = [run('atmega2560', 'simavr-atmega2560', 512)];
    return { name, image, runs: { command: 'none', model, runs, chipRuns } };
  };
  const chipRun = {
    ...{ board: 'mega2560', emulator: 'simavr-atmega2560', target: 'the chip' },
    ...{ instructionsPerToken: null, paritySteps: 3 },
  };
  const mega = await findBoard('mega2560');
  const large = measured('large', await readModelImage(await findModel('mcu')), []);
  const small = measured('small', IMAGES.memory, [chipRun]);

  it('have a column for each model, and say by how much one does not fit', () => {
    const table = renderReadmeTables([large, small], [mega]).get('boards');
    expect(table).toMatch(/large: tokens per second \| limited by \| small: tokens per second \| limited by/);
    // 16 MHz x 0.643 / 16 million
    expect(table).toMatch(
      /Arduino Mega 2560 \| - \| lacks 1,\d{3},\d{3} bytes of flash \| 0\.6 \| instructions \|/,
    );
  });

  it('compare each board with the first model that fits it, and the file that is flashed', () => {
    const table = renderReadmeTables([large, small], [mega]).get('parity');
    expect(table?.split('\n').slice(2)).toEqual([
      '| Arduino Mega 2560 | small | AVR | simavr-atmega2560 | match, 7 steps | 16,000,000 |',
      '| Arduino Mega 2560 | small | AVR | simavr: the Arduino sketch itself | match, 3 steps | - |',
    ]);
  });

  it('leave out boards on which nothing ran', async () => {
    const tables = renderReadmeTables([small], [await findBoard('host')]);
    for (const table of tables.values()) expect(table.split('\n')).toHaveLength(2);
  });
});
