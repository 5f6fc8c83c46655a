import type { Command } from 'commander';
import { BOARDS_DIRECTORY, loadBoards } from '../boards/load.js';
import { FlashlmError } from '../errors.js';
import { parseHeader } from '../image/header.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import { type BoardSummary, summariseBoard } from '../report/board-list.js';
import type { Fit } from '../report/fit.js';
import { formatBytes, formatScaled } from '../report/format.js';
import { bytesPerToken } from '../report/speed.js';
import { printResult } from './output.js';
import { formatTable } from './table.js';

const EXAMPLES = `
Examples:
  flashlm-mcu boards
  flashlm-mcu boards --model checkpoints/mine --json
  flashlm-mcu boards --boards-dir my-boards
`;

interface BoardsOptions {
  model?: string;
  boardsDir: string;
  json?: boolean;
}

/** `boards`: what is supported, whether a model fits, and how fast flash would let it be. */
export function addBoardsCommand(program: Command): void {
  program
    .command('boards')
    .description('list the boards; say whether a model fits them')
    .option(
      '--model <name>',
      `a shipped model, a checkpoint folder, or an image (default: "${DEFAULT_MODEL}")`,
    )
    .option('--boards-dir <folder>', 'folder of board files', BOARDS_DIRECTORY)
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runBoards);
}

async function runBoards(options: BoardsOptions): Promise<void> {
  const boards = await loadBoards(options.boardsDir);
  const image = await findImage(options.model);
  const model =
    image === null
      ? null
      : { name: parseHeader(image).name, imageBytes: image.length, bytesPerToken: bytesPerToken(image) };
  const summaries = boards.map((board) => summariseBoard(board, image));
  printResult(options.json, { model, boards: summaries }, () => [
    ...formatTable([TITLES, ...summaries.map(cellsOf)]),
    model === null
      ? `There is no model "${DEFAULT_MODEL}" to fit; name one with --model.`
      : `${model.name}: an image of ${formatBytes(model.imageBytes)}; a token reads ${formatBytes(model.bytesPerToken)} of it.`,
    model === null
      ? ''
      : 'fits: with an allowance for the program; flash that is left. at most: what flash can deliver; the core may ' +
        'be slower.',
  ]);
}

/** The model's image; null where none was named and the default one is not there. */
async function findImage(model: string | undefined): Promise<Uint8Array | null> {
  try {
    return await readModelImage(await findModel(model ?? DEFAULT_MODEL));
  } catch (error) {
    if (model === undefined && error instanceof FlashlmError && error.code === 'unknown-model') return null;
    throw error;
  }
}

const TITLES = ['id', 'name', 'core', 'clock', 'flash', 'RAM', 'frameworks', 'fits', 'at most'];

function cellsOf(board: BoardSummary): string[] {
  const { cores, core, fit, ceiling } = board;
  return [
    board.id,
    board.name,
    cores === 1 ? core : `${cores} x ${core}`,
    formatScaled(board.clockHz, 'Hz'),
    formatBytes(board.flashBytes),
    formatBytes(board.ramBytes),
    board.frameworks.join(', '),
    fit === null ? '-' : describeFit(fit),
    ceiling?.tokensPerSecond == null ? '-' : `${ceiling.tokensPerSecond.toFixed(1)} tokens/s`,
  ];
}

function describeFit({ fits, flash, ram }: Fit): string {
  if (fits) return `yes, ${formatBytes(flash.available - flash.used)} left`;
  const [memory, missing] = flash.missing > 0 ? ['flash', flash.missing] : ['RAM', ram.missing];
  return `no, lacks ${formatBytes(missing)} of ${memory}`;
}
