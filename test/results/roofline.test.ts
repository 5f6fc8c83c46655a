import { describe, expect, it } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import { findBoard, loadBoards } from '../../src/boards/load.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { summaryOf } from '../../src/results/board-tables.js';
import { type CoreRuns, coreRunsSchema } from '../../src/results/core-runs.js';
import { constantSources, renderRoofline, rooflineOf } from '../../src/results/roofline.js';

const image = await readModelImage(await findModel('mcu'));
const run = (board: Board, instructionsPerToken: number): CoreRuns['runs'][number] => ({
  ...{ toolchain: board.toolchain, emulator: board.emulator, cores: 1, pageBytes: null, target: 'none' },
  ...{ instructionsPerToken, bytesPerToken: 600_000, paritySteps: 7 },
});
const measured = (board: Board, instructions: number) => ({
  image,
  runs: coreRunsSchema.parse({
    ...{ command: 'none', runs: [run(board, instructions)], chipRuns: [] },
    model: { name: 'mcu', fingerprint: '0123abcd', bytesInFlash: image.length },
  }),
});
/** On one core, which the emulator of a single one runs. */
const single = async (id: string) =>
  ({ ...(await findBoard(id)), secondCore: undefined }) as unknown as Board;

async function ceilings(id: string, instructions = 4_000_000) {
  const board = await single(id);
  const { estimate } = summaryOf(board, measured(board, instructions));
  if (estimate === null) throw new Error(`no estimate for ${id}`);
  return {
    board,
    text: renderRoofline(measured(board, instructions), [board]),
    ...rooflineOf(board, image, estimate),
  };
}

describe('the ceilings of a board', () => {
  it('are what memory delivers and what the core executes, with and without copies in RAM', async () => {
    const { byMemory, byInstructions, expected, stagedBytes, coreBytes } = await ceilings('pico2');
    expect(byMemory.unstaged).toBeCloseTo(14e6 / 600_000);
    expect(byMemory.staged).toBeCloseTo(14e6 / (600_000 - stagedBytes));
    expect(byInstructions).toBeCloseTo((150e6 * 0.8) / 4e6);
    expect(expected.unstaged).toBe(byMemory.unstaged);
    expect(expected.staged).toBeCloseTo(Math.min(14e6 / (600_000 - stagedBytes), 30));
    expect(expected.whole).toBeCloseTo(Math.min(14e6 / (600_000 - coreBytes), 30));
    expect(stagedBytes).toBeLessThan(coreBytes);
  });

  it('say what keeps the rest of the ternary core out of RAM', async () => {
    const because = async (id: string, instructions?: number) =>
      (await ceilings(id, instructions)).text.split('\n- ')[1];
    expect(await because('pico2')).toMatch(
      /The core is the limit: all of it there would be no faster, and has no room: 4[\d,]+ bytes are left/,
    );
    expect(await because('teensy41')).toMatch(
      /no faster, and has no room: the section \.dmabuffers may take/,
    );
    expect(await because('esp32s3')).toMatch(/25%, are in RAM\. The core is the limit: all of it/);
    expect(await because('pico2', 1_000_000)).toMatch(
      /Beside program and variables .* are left, of which its file grants .* All of it would give/,
    );
    expect(await because('teensy41', 1_000_000)).toMatch(
      /in another RAM than the variables, in the section \.dmabuffers/,
    );
    expect(await because('esp32s3-psram')).toMatch(
      /the whole image, [\d,]+ bytes, is copied to the external RAM/,
    );
  });

  it('are none for a board that the model does not fit', async () => {
    expect((await ceilings('uno-r4')).text).toBe('The model fits none of these boards.');
  });
});

describe('the constants of every board', async () => {
  const boards = (await loadBoards()).filter(({ instructionsPerClock }) => instructionsPerClock !== null);
  it.each(boards.map((board) => [board.id, board] as const))('%s: have their sources', (_, board) => {
    const sources = constantSources(board).join('\n');
    expect(sources).toMatch(/clock/i);
    expect(sources).toContain('instructionsPerClock');
    expect(sources).toContain('flashBytesPerSecond');
    expect(sources.includes('externalRam')).toBe(board.memory.externalRam !== undefined);
  });
});
