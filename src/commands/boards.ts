import { type Command, Option } from 'commander';
import { type Board, FRAMEWORKS, type Framework } from '../boards/board.js';
import { coresFor } from '../boards/cores.js';
import { requireFramework } from '../boards/frameworks.js';
import { findBoard, loadBoards } from '../boards/load.js';
import { FlashlmError } from '../errors.js';
import { parseHeader } from '../image/header.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import { quoteForShell } from '../quote.js';
import { type BoardSummary, summariseBoard } from '../report/board-list.js';
import type { Fit } from '../report/fit.js';
import { formatBytes, formatScaled } from '../report/format.js';
import { formatPlan } from '../report/format-plan.js';
import { planFirmware } from '../report/plan.js';
import { bytesPerToken } from '../report/speed.js';
import { checkBoardsPagePlace, writeBoardsPage } from '../results/boards-page.js';
import { type CoreRuns, runCores, runOf, shippedRuns } from '../results/core-runs.js';
import { boardModel } from './board-model.js';
import { boardsDirOption } from './options.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';
import { formatTable } from './table.js';

const EXAMPLES = `
Examples:
  flashlm-mcu boards
  flashlm-mcu boards --board esp32s3             memory by part, what is read where, both limits of the speed
  flashlm-mcu boards --model checkpoints/mine --measure
  flashlm-mcu boards --boards-dir my-boards --json
Speeds are estimates from a board's data and the instructions of a token. These are known of the model that ships;
--measure counts them for any other by running it on the emulators, and compares every logit with the reference's.
`;

interface BoardsOptions {
  board?: string;
  framework?: Framework;
  model?: string;
  boardsDir?: string;
  measure?: boolean;
  out?: string;
  json?: boolean;
}

/** `boards`: what is supported, whether a model fits, how fast it would be and what limits it. */
export function addBoardsCommand(program: Command): void {
  program
    .command('boards')
    .description('list the boards; say whether a model fits them and how fast it would be')
    .option('--board <id>', 'plan for one board: memory by part, what is read where, what limits the speed')
    .addOption(
      new Option('--framework <name>', "packaging of that board (default: the board's own)").choices(
        FRAMEWORKS,
      ),
    )
    .option(
      '--model <name>',
      `a shipped model, a checkpoint folder, or an image (default: ${DEFAULT_MODEL}; with --board, if it fits, else the largest shipped that does)`,
    )
    .addOption(boardsDirOption())
    .option('--measure', "run the model on every board's emulator: compare it, count its instructions")
    .addOption(
      new Option('--out <file>', 'write what was measured as a page NAME.md, and NAME.json beside it')
        .implies({ measure: true })
        .conflicts('board'),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runBoards);
}

async function runBoards(options: BoardsOptions): Promise<void> {
  if (options.board !== undefined) return showPlan(options.board, options);
  if (options.framework !== undefined) {
    throw new FlashlmError(
      'bad-argument',
      'A framework is of one board, and none is named.',
      'Add --board, or leave --framework out.',
    );
  }
  if (options.out !== undefined) await checkBoardsPagePlace(options.out);
  const boards = await loadBoards(options.boardsDir);
  const image = await findImage(options);
  const runs = image === null ? null : await findRuns(image, boards, options);
  const files =
    image === null || runs === null || options.out === undefined
      ? []
      : await writeBoardsPage(runs, image, boards, options.out);
  const model =
    image === null
      ? null
      : { name: parseHeader(image).name, imageBytes: image.length, bytesPerToken: bytesPerToken(image) };
  const summaries = boards.map((board) =>
    summariseBoard(board, image, runs === null ? undefined : runOf(board, runs)),
  );
  printResult(options.json, { model, boards: summaries, runs: runs?.runs ?? null, files }, () => [
    ...formatTable([TITLES, ...summaries.map(cellsOf)]),
    model === null
      ? `There is no model "${DEFAULT_MODEL}" to fit; name one with --model.`
      : `${model.name}: an image of ${formatBytes(model.imageBytes)}; a token reads at least ${formatBytes(model.bytesPerToken)} of it.`,
    model === null
      ? ''
      : 'fits: with an allowance for the program; flash that is left. expected: the smaller of what flash can deliver ' +
        'and what the core can execute; an estimate.',
    model === null || runs !== null
      ? ''
      : 'at most: by flash alone; --measure counts what the core has to execute.',
    files.length === 0 ? '' : `Written: ${files.join(', ')}.`,
  ]);
}

/** What a model would take on one board and give there, before anything is compiled. */
async function showPlan(id: string, options: BoardsOptions): Promise<void> {
  const board = await findBoard(id, options.boardsDir);
  const framework = options.framework ?? board.defaultFramework;
  requireFramework(board, framework);
  const image = await boardModel(options, board, framework);
  const runs = await findRuns(image, [board], options);
  const cost = runs === null ? null : (runOf(board, runs) ?? null);
  const plan = planFirmware({ image, board, framework, cores: coresFor(board), cost });
  printResult(options.json, plan, () => [formatPlan(plan, board)]);
}

/** The model's image; null where none was named, none has to be measured, and the default one is not there. */
async function findImage({ model, measure }: BoardsOptions): Promise<Uint8Array | null> {
  try {
    return await readModelImage(await findModel(model ?? DEFAULT_MODEL));
  } catch (error) {
    const isOptional = model === undefined && measure !== true;
    if (isOptional && error instanceof FlashlmError && error.code === 'unknown-model') return null;
    throw error;
  }
}

/** What the model takes on the boards' cores; null where that is not known and was not asked for. */
async function findRuns(
  image: Uint8Array,
  boards: Board[],
  options: BoardsOptions,
): Promise<CoreRuns | null> {
  if (options.measure !== true) return shippedRuns(image);
  const bar = startProgressBar('measuring');
  const runs = await runCores(image, boards, (share, doing) => bar.update(share, doing)).finally(() =>
    bar.stop(),
  );
  return { command: commandOf(options), ...runs };
}

/** What measures the same again, from the folder of the project. */
function commandOf({ model, boardsDir, out }: BoardsOptions): string {
  const words = ['flashlm-mcu', 'boards', '--measure'];
  if (model !== undefined) words.push('--model', model);
  if (boardsDir !== undefined) words.push('--boards-dir', boardsDir);
  if (out !== undefined) words.push('--out', out);
  return words.map(quoteForShell).join(' ');
}

const TITLES = 'id,name,core,clock,flash,RAM,frameworks,fits,expected,limited by'.split(',');

function cellsOf(board: BoardSummary): string[] {
  const { cores, core, fit } = board;
  return [
    board.id,
    board.name,
    cores === 1 ? core : `${cores} x ${core}`,
    formatScaled(board.clockHz, 'Hz'),
    formatBytes(board.flashBytes),
    formatBytes(board.ramBytes),
    board.frameworks.join(', '),
    fit === null ? '-' : describeFit(fit),
    ...describeSpeed(board),
  ];
}

/** Speed and what limits it; nothing where the model does not fit. */
function describeSpeed({ fit, estimate }: BoardSummary): [string, string] {
  if (fit?.fits !== true || estimate?.tokensPerSecond == null) return ['-', '-'];
  const { tokensPerSecond, limit, instructionsPerToken } = estimate;
  const speed = `${tokensPerSecond.toFixed(1)} tokens/s`;
  return [instructionsPerToken === null ? `at most ${speed}` : speed, limit ?? '-'];
}

function describeFit({ fits, flash, ram }: Fit): string {
  if (fits) return `yes, ${formatBytes(flash.available - flash.used)} left`;
  const [memory, missing] = flash.missing > 0 ? ['flash', flash.missing] : ['RAM', ram.missing];
  return `no, lacks ${formatBytes(missing)} of ${memory}`;
}
