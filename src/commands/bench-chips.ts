import type { Command } from 'commander';
import { figuresOfPerformance } from '../bench/bench-figures.js';
import { measurePerformance, type Performance } from '../bench/performance.js';
import { checkPerformancePagePlace, writePerformancePage } from '../bench/performance-page.js';
import { tokenRows } from '../bench/token-table.js';
import { imageFingerprint } from '../image/read.js';
import { findModel, modelNames, readModelImage } from '../model/find.js';
import { hexadecimal } from '../parity/parity.js';
import { quoteForShell } from '../quote.js';
import { formatCount } from '../report/format.js';
import { emulatedBoards } from './emulated-boards.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';
import { formatTable } from './table.js';

/** What `bench` takes where no subcommand is named. */
export interface BenchChipsOptions {
  models?: string[];
  boards?: string[];
  out?: string;
  json?: boolean;
}

const FIRST_BOARD = 'esp32c3';

/** `bench chips`, which is meant where `bench` stands alone: everything that chips execute, on every emulator. */
export function addBenchChipsCommand(bench: Command): void {
  bench
    .command('chips', { isDefault: true })
    .description('instructions of every kernel and of every part of a token, on every emulator')
    .option('--models <names...>', 'shipped models, checkpoint folders or images (default: all that ship)')
    .option('--boards <ids...>', 'boards whose emulators count (default: one of each kind)')
    .option('--out <file>', 'write a page NAME.md, with NAME.json and NAME.svg beside it')
    .option('--json', 'print a list of {name, target, value, unit}')
    .action(runBenchChips);
}

async function runBenchChips(options: BenchChipsOptions): Promise<void> {
  if (options.out !== undefined) await checkPerformancePagePlace(options.out);
  const boards = await emulatedBoards(options.boards, FIRST_BOARD);
  const models = await Promise.all(
    (options.models ?? (await modelNames()).sort()).map(async (name) => {
      const image = await readModelImage(await findModel(name));
      return { name, image, fingerprint: hexadecimal(imageFingerprint(image)) };
    }),
  );
  const bar = startProgressBar('counting instructions');
  const measured = await measurePerformance(boards, models, (share, doing) =>
    bar.update(share, doing),
  ).finally(() => bar.stop());
  const performance = { command: commandOf(options), ...measured };
  const files = options.out === undefined ? [] : await writePerformancePage(performance, options.out);
  printResult(options.json, figuresOfPerformance(performance), () => [
    ...formatTable(tableOfKernels(performance)),
    ...models.flatMap(({ name }) => {
      const [[, ...cores], ...rows] = tokenRows(performance, name);
      return [' ', ...formatTable([[`${name}: instructions a token`, ...cores], ...rows])];
    }),
    files.length === 0 ? '' : `Written: ${files.join(', ')}.`,
  ]);
}

function tableOfKernels({ kernels }: Performance): string[][] {
  return [
    ['kernel', 'compiler', 'rows x columns', 'instructions a weight', 'RAM'],
    ...kernels.map(({ kernel, toolchain, rows, columns, instructionsPerWeight, ramBytes }) => [
      kernel,
      toolchain,
      `${rows} x ${columns}`,
      instructionsPerWeight.toFixed(3),
      `${formatCount(ramBytes)} bytes`,
    ]),
  ];
}

function commandOf({ models, boards, out }: BenchChipsOptions): string {
  const words = ['flashlm-mcu', 'bench'];
  if (models !== undefined) words.push('--models', ...models);
  if (boards !== undefined) words.push('--boards', ...boards);
  if (out !== undefined) words.push('--out', out);
  return words.map(quoteForShell).join(' ');
}
