import type { Board } from '../boards/board.js';
import { findChipEmulator } from '../emulate/chip-emulators.js';
import { escapeMarkdown } from '../markdown.js';
import { type BoardSummary, summariseBoard } from '../report/board-list.js';
import { formatCount } from '../report/format.js';
import type { ChipRun } from './chip-runs.js';
import { type CoreRun, type CoreRuns, runOf } from './core-runs.js';

/** A model, and what was measured of it. */
export interface MeasuredImage {
  image: Uint8Array;
  runs: CoreRuns;
}

/** Titles of what `parityRows` returns. */
export const PARITY_TITLES = [
  'board',
  'core',
  'emulator',
  'every logit equals the reference',
  'instructions per token',
];

/**
 * What was measured of a board, as rows of a table: its code on the nearest machine that is emulated, and what would be
 * flashed on an emulator of the whole chip. None for a board without either.
 */
export function parityRows(board: Board, runs: CoreRuns): string[][] {
  const core = runOf(board, runs);
  const rows = core === undefined ? [] : [coreRow(board, core)];
  return [...rows, ...chipRunsOf(board, runs).map((run) => chipRow(board, run))];
}

/** The runs of the file that is flashed. */
export function chipRunsOf({ id }: Board, { chipRuns }: Pick<CoreRuns, 'chipRuns'>): ChipRun[] {
  return chipRuns.filter((run) => run.board === id);
}

function coreRow(board: Board, run: CoreRun): string[] {
  const core = run.cores === 2 ? `2 x ${board.chip.core}` : board.chip.core;
  // Without what stands in brackets: how near the machine is to the chip.
  return rowOf(board, core, run.target.replace(/ \(.*$/, ''), run);
}

/** None of the emulators of whole chips has a second core. */
function chipRow(board: Board, run: ChipRun): string[] {
  const { title, runs } = findChipEmulator(run.emulator);
  return rowOf(board, board.chip.core, `${title}: ${runs}`, run);
}

function rowOf(
  { name }: Board,
  core: string,
  emulator: string,
  { paritySteps, instructionsPerToken }: Pick<CoreRun, 'paritySteps' | 'instructionsPerToken'>,
): string[] {
  return [
    ...[name, core, emulator].map(escapeMarkdown),
    `match, ${formatCount(paritySteps)} steps`,
    instructionsPerToken === null ? '-' : formatCount(instructionsPerToken),
  ];
}

/** A board and what it makes of a model. */
export function summaryOf(board: Board, { image, runs }: MeasuredImage): BoardSummary {
  return summariseBoard(board, image, runOf(board, runs));
}

/** Tokens per second as a cell; "-" where the model does not fit. */
export function speedCell({ fit, estimate }: BoardSummary): string {
  return fit?.fits === true ? (estimate?.tokensPerSecond?.toFixed(1) ?? '-') : '-';
}

/** What limits the speed, as a cell; where the model does not fit, by how much. */
export function limitCell({ fit, estimate }: BoardSummary): string {
  if (fit === null) return '-';
  if (fit.fits) return estimate?.limit ?? '-';
  return fit.flash.missing > 0
    ? `lacks ${formatCount(fit.flash.missing)} bytes of flash`
    : `lacks ${formatCount(fit.ram.missing)} bytes of RAM`;
}
