import path from 'node:path';
import type { Board } from '../boards/board.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { requireReplaceable } from '../files/replaceable.js';
import { escapeMarkdown, markdownTable } from '../markdown.js';
import { formatCount } from '../report/format.js';
import {
  chipRunsOf,
  limitCell,
  type MeasuredImage,
  PARITY_TITLES,
  parityRows,
  speedCell,
  summaryOf,
} from './board-tables.js';
import { type CoreRuns, coreRunsSchema, runOf } from './core-runs.js';
import { renderRoofline } from './roofline.js';

/** First line of every such page; only a file that begins with it is replaced. */
const PAGE_MARK = '<!-- Written by flashlm-mcu boards. -->';

/** Refuses a place for the page that holds anything else. @throws FlashlmError bad-argument */
export async function checkBoardsPagePlace(page: string): Promise<void> {
  await requireReplaceable(page, PAGE_MARK, 'page of boards');
}

/**
 * The page of boards as Markdown: what each emulator computed and how much it executed, and what that means for the
 * boards. Boards without an emulator are left out, where they are not too small. The same figures give the same bytes.
 */
export function renderBoardsPage(
  runs: CoreRuns,
  image: Uint8Array,
  boards: Board[],
  figures: string,
): string {
  const measured = { image, runs };
  const emulated = boards.filter((board) => runOf(board, runs) !== undefined);
  const { name, fingerprint, bytesInFlash } = runs.model;
  return `${[
    PAGE_MARK,
    '# Boards',
    `The model ${escapeMarkdown(name)} (${formatCount(bytesInFlash)} bytes, fingerprint ${fingerprint}) on every board's ` +
      `emulator: what was compared and counted. This page and [its figures](${figures}) are written by`,
    `    ${runs.command}`,
    '## Measured: parity and instructions',
    markdownTable([PARITY_TITLES, ...boards.flatMap((board) => parityRows(board, runs))]),
    `Instructions are those of a sampled token: the model, the sampler and the printing; of two cores that share each product, ` +
      `what the slower one executes. Boards with the same compiler and emulator share a run. An emulator proves the arithmetic; what it does not prove, the board has to show. A dash: the vendor's tool leaves no function at which tokens could be counted.`,
    targetsOf(boards, runs)
      .map((target) => `- ${escapeMarkdown(target)}`)
      .join('\n'),
    '## Estimated: memory and speed',
    'Whether the model fits with an allowance for the program, and the smaller of what memory can deliver and what the ' +
      "core can execute, by the constants of the boards' files. No board has been measured.",
    estimateTable(measured, boards),
    '## What limits the speed',
    renderRoofline(measured, emulated),
  ].join('\n\n')}\n`;
}

/** Each emulator that something ran on, once. */
function targetsOf(boards: Board[], runs: CoreRuns): string[] {
  const ran = boards.flatMap((board) => [runOf(board, runs) ?? [], chipRunsOf(board, runs)].flat());
  return [...new Set(ran.map(({ target }) => target))];
}

function estimateTable(measured: MeasuredImage, boards: Board[]): string {
  const rows = boards.flatMap((board) => {
    const summary = summaryOf(board, measured);
    const fits = summary.fit?.fits === true;
    if (runOf(board, measured.runs) === undefined && fits) return [];
    return [
      [
        escapeMarkdown(board.name),
        fits ? `yes (${summary.fit?.framework})` : 'no',
        speedCell(summary),
        limitCell(summary),
      ],
    ];
  });
  return markdownTable([['board', 'fits', 'tokens per second', 'limited by'], ...rows]);
}

/**
 * Writes the page, and its figures beside it.
 *
 * @returns paths of the files
 * @throws FlashlmError write-failed
 */
export async function writeBoardsPage(
  runs: CoreRuns,
  image: Uint8Array,
  boards: Board[],
  page: string,
): Promise<string[]> {
  const figures = path.join(path.dirname(page), `${path.basename(page, path.extname(page))}.json`);
  await writeFileAtomically(figures, `${JSON.stringify(coreRunsSchema.parse(runs), null, 2)}\n`);
  await writeFileAtomically(page, renderBoardsPage(runs, image, boards, path.basename(figures)));
  return [figures, page];
}
