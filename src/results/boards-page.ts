import path from 'node:path';
import type { Board } from '../boards/board.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { requireReplaceable } from '../files/replaceable.js';
import { escapeMarkdown, markdownTable } from '../markdown.js';
import { type BoardSummary, summariseBoard } from '../report/board-list.js';
import { formatCount } from '../report/format.js';
import { type CoreRun, type CoreRuns, coreRunsSchema, runOf } from './core-runs.js';

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
  const rows = boards.flatMap((board) => {
    const run = runOf(board, runs);
    return run === undefined ? [] : [{ board, run }];
  });
  const summaries = boards
    .map((board) => ({ board, summary: summariseBoard(board, image, runOf(board, runs)) }))
    .filter(({ board, summary }) => runOf(board, runs) !== undefined || summary.fit?.fits === false);
  const { name, fingerprint, bytesInFlash } = runs.model;
  return `${[
    PAGE_MARK,
    '# Boards',
    `The model ${escapeMarkdown(name)} (${formatCount(bytesInFlash)} bytes, fingerprint ${fingerprint}) on every board's ` +
      `emulator: what was compared and counted. This page and [its figures](${figures}) are written by`,
    `    ${runs.command}`,
    '## Measured: parity and instructions',
    markdownTable([
      ['board', 'core', 'emulator', 'every logit equals the reference', 'instructions per token'],
      ...rows.map(({ board, run }) => [
        escapeMarkdown(board.name),
        escapeMarkdown(run.cores === 2 ? `2 x ${board.chip.core}` : board.chip.core),
        shortTarget(run),
        `match, ${formatCount(run.paritySteps)} steps`,
        run.instructionsPerToken === null ? '-' : formatCount(run.instructionsPerToken),
      ]),
    ]),
    `Instructions are those of a sampled token: the model, the sampler and the printing; of two cores that share each product, ` +
      `what the slower one executes. Boards with the same compiler and emulator share a run. An emulator proves the arithmetic; what it does not prove, the board has to show:`,
    [...new Set(rows.map(({ run }) => run.target))].map((target) => `- ${escapeMarkdown(target)}`).join('\n'),
    '## Estimated: memory and speed',
    'Whether the model fits with an allowance for the program, and the smaller of what flash can deliver and what the ' +
      "core can execute, by the constants of the boards' files, whose `sources` say where each comes from. No board " +
      'has been measured.',
    markdownTable([
      ['board', 'fits', 'tokens per second', 'limited by'],
      ...summaries.map(({ board, summary }) => [
        escapeMarkdown(board.name),
        summary.fit?.fits ? `yes (${summary.fit.framework})` : `no, lacks ${lacking(summary)}`,
        summary.fit?.fits ? (summary.estimate?.tokensPerSecond?.toFixed(1) ?? '-') : '-',
        summary.fit?.fits ? (summary.estimate?.limit ?? '-') : '-',
      ]),
    ]),
  ].join('\n\n')}\n`;
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

/** Without what stands in brackets: how near the machine is to the chip. */
function shortTarget({ target }: CoreRun): string {
  return escapeMarkdown(target.replace(/ \(.*$/, ''));
}

function lacking({ fit }: BoardSummary): string {
  if (fit === null) return '-';
  return fit.flash.missing > 0
    ? `${formatCount(fit.flash.missing)} bytes of flash`
    : `${formatCount(fit.ram.missing)} bytes of RAM`;
}
