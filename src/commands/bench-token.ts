import type { Command } from 'commander';
import { type BenchFigure, figuresOfToken } from '../bench/bench-figures.js';
import { measureTokenParts, type TokenParts } from '../bench/token-parts.js';
import type { Board } from '../boards/board.js';
import { emulatorFirmware } from '../emulate/emulator-firmware.js';
import { MEASURED_STORIES } from '../emulate/token-cost.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import { formatCount } from '../report/format.js';
import { bytesPerToken } from '../report/speed.js';
import { emulatedBoards } from './emulated-boards.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';
import { formatTable } from './table.js';

const EXAMPLES = `
Examples:
  flashlm-mcu bench token
  flashlm-mcu bench token --model v4 --boards esp32c3 --functions
  flashlm-mcu bench token --sampled --json
Executed instructions of one token, counted by a plugin in QEMU while the firmware tells a short story: the same
number every time.
`;

const FIRST_BOARD = 'esp32c3';
/** Of each board, with --functions. */
const MOST_FUNCTIONS = 20;

/** `bench token`: where the instructions of a token go. */
export function addBenchTokenCommand(bench: Command): void {
  bench
    .command('token')
    .description('executed instructions of a token, by part of the firmware')
    .option('--model <name>', 'shipped model, checkpoint folder or image', DEFAULT_MODEL)
    .option('--boards <ids...>', 'boards whose emulators count (default: one of each kind)')
    .option(
      '--sampled',
      'of a story that is sampled as a board samples when it starts, instead of the likeliest',
    )
    .option('--functions', 'list the largest functions as well')
    .option('--json', 'print a list of {name, target, value, unit}')
    .addHelpText('after', EXAMPLES)
    .action(runBenchToken);
}

interface BenchTokenOptions {
  model: string;
  boards?: string[];
  sampled?: boolean;
  functions?: boolean;
  json?: boolean;
}

interface BoardParts extends TokenParts {
  board: string;
  /** Of the image, that a token reads. */
  bytesRead: number;
}

async function runBenchToken(options: BenchTokenOptions): Promise<void> {
  const image = await readModelImage(await findModel(options.model));
  const boards = await emulatedBoards(options.boards, FIRST_BOARD);
  const story = options.sampled === true ? 'sampled' : 'greedy';
  const bar = startProgressBar('counting');
  const measured: BoardParts[] = [];
  try {
    for (const [index, board] of boards.entries()) {
      bar.update(index / boards.length, board.name);
      measured.push(await measureBoard(image, board, story));
    }
  } finally {
    bar.stop();
  }
  printResult(options.json, figuresOf(measured, options, story), () => [
    ...formatTable(tableOfParts(measured)),
    ...(options.functions === true ? measured.flatMap(linesOfFunctions) : []),
  ]);
}

async function measureBoard(
  image: Uint8Array,
  board: Board,
  story: keyof typeof MEASURED_STORIES,
): Promise<BoardParts> {
  const firmware = await emulatorFirmware(image, board);
  const parts = await measureTokenParts(firmware, board.toolchain, MEASURED_STORIES[story]);
  const bytesRead = bytesPerToken(image, parts.headRows, parts.stageBytes ?? undefined);
  return { board: board.id, bytesRead, ...parts };
}

function figuresOf(measured: BoardParts[], options: BenchTokenOptions, story: string): BenchFigure[] {
  return measured.flatMap((one) => {
    const target = `${one.board}, ${options.model}, ${story}`;
    const functions = options.functions === true ? one.functions : [];
    return [
      ...figuresOfToken(one, target),
      ...functions.map(({ name, instructions }) => ({
        ...{ name: `function ${name}`, target, value: instructions, unit: 'instructions/token' },
      })),
    ];
  });
}

/** Parts down, in the order of the first board; boards across. */
function tableOfParts(measured: BoardParts[]): string[][] {
  const names = [...new Set(measured.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  return [
    ['instructions a token', ...measured.map(({ board }) => board)],
    ...names.map((name) => [name, ...measured.map((one) => partOf(one, name))]),
    ['all', ...measured.map(({ instructions }) => formatCount(instructions))],
    ['rows of the output head', ...measured.map(({ headRows }) => formatCount(Math.round(headRows)))],
  ];
}

function partOf({ parts, instructions: all }: BoardParts, name: string): string {
  const instructions = parts.find((part) => part.name === name)?.instructions ?? 0;
  return `${formatCount(instructions)} (${((100 * instructions) / all).toFixed(1)}%)`;
}

function linesOfFunctions({ board, functions }: BoardParts): string[] {
  return [
    ' ',
    ...formatTable([
      ['function', board],
      ...functions
        .slice(0, MOST_FUNCTIONS)
        .map(({ name, instructions }) => [name, formatCount(instructions)]),
    ]),
  ];
}
