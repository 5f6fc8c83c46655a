import path from 'node:path';
import type { Command } from 'commander';
import { modelNames } from '../model/find.js';
import { quoteForShell } from '../quote.js';
import { formatCount } from '../report/format.js';
import { readEvaluationStories } from '../results/evaluation-stories.js';
import { comparableRivals, type Results } from '../results/figures.js';
import { formatBpc, formatMillions, formatStories } from '../results/format.js';
import { describeBoard, measureModels } from '../results/measure-models.js';
import { describeRivals } from '../results/page.js';
import { RIVALS_FILE, readRivals } from '../results/rivals.js';
import { checkPagePlace, writeResults } from '../results/write-results.js';
import { emulatedBoards } from './emulated-boards.js';
import { integerBetween } from './options.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';
import { addResultsTablesCommand } from './results-tables.js';
import { formatTable } from './table.js';

const EXAMPLES = `
Examples:
  flashlm-mcu results --data tinystories-eval-500.txt
  flashlm-mcu results --data stories.txt --models mcu checkpoints/mine --boards esp32c3 --out my-results.md
  flashlm-mcu results --data stories.txt --first 20 --out try.md --json
  flashlm-mcu results tables
Evaluates models on stories, has their firmware run on the boards' emulators, and draws bits per character against
bytes in flash and against instructions per token, beside the rivals of models/rivals.json. The first board is the one
of the picture. A page NAME.md comes with NAME.json (all figures), NAME-flash.svg and NAME-instructions.svg. What was
measured before is remembered until the model, the stories or the code that measures change; a run that was cut off
goes on where it was.
`;

/** Board of the picture where none is named: its core is the one that rivals were counted on. */
const PICTURE_BOARD = 'esp32c3';

/** `results`: what the models are worth, as pictures and tables, rivals included. */
export function addResultsCommand(program: Command): void {
  const results = program
    .command('results')
    .description('measure models, and draw what they are worth beside their rivals')
    .option('--data <file>', 'stories to evaluate on; one file')
    .option('--models <names...>', 'shipped models, checkpoint folders or images (default: all that ship)')
    .option('--boards <ids...>', 'count instructions on their emulators (default: one of each kind)')
    .option('--rivals <file>', "figures of others' models", RIVALS_FILE)
    .option('--first <n>', 'use the first n stories of --data only', integerBetween(1, 1e9))
    .option('--out <file>', 'the page; its pictures go beside it', path.join('docs', 'results.md'))
    .option('--workers <n>', 'worker threads', integerBetween(1, 256))
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runResults);
  addResultsTablesCommand(results);
}

interface ResultsOptions {
  data?: string;
  models?: string[];
  boards?: string[];
  rivals: string;
  first?: number;
  out: string;
  workers?: number;
  json?: boolean;
}

async function runResults(options: ResultsOptions): Promise<void> {
  await checkPagePlace(options.out);
  const stories = await readEvaluationStories(options.data, options.first);
  const rivals = await readRivals(options.rivals);
  const boards = await emulatedBoards(options.boards, PICTURE_BOARD);
  const bar = startProgressBar('measuring');
  const models = await measureModels({
    ...{ models: options.models ?? (await modelNames()).sort(), stories, boards },
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    onProgress: (share, doing) => bar.update(share, doing),
  }).finally(() => bar.stop());
  const { evaluation } = stories;
  const command = commandOf(options, evaluation.name);
  const results: Results = { command, evaluation, boards: boards.map(describeBoard), models, rivals };
  const files = await writeResults(results, options.out);
  printResult(options.json, { ...results, files }, () => [
    ...formatTable(tableOf(results)),
    `${formatStories(evaluation.stories)} of ${evaluation.name}; instructions on ${boards[0].chip.core}.`,
    describeRivals(results),
    `Written: ${files.join(', ')}.`,
  ]);
}

/** What writes the same page again. Where files lie on this machine is left out. */
function commandOf({ models, boards, rivals, first, out }: ResultsOptions, data: string): string {
  const name = (file: string) => path.basename(path.resolve(file));
  const words = ['flashlm-mcu', 'results', '--data', data];
  if (models !== undefined) words.push('--models', ...models.map(name));
  if (boards !== undefined) words.push('--boards', ...boards);
  if (rivals !== RIVALS_FILE) words.push('--rivals', name(rivals));
  if (first !== undefined) words.push('--first', String(first));
  if (name(out) !== 'results.md') words.push('--out', name(out));
  return words.map(quoteForShell).join(' ');
}

function tableOf(results: Results): string[][] {
  const [board] = results.boards;
  return [
    ['model', 'bytes in flash', 'bits per character', 'instructions a token', 'figures'],
    ...results.models.map(({ name, bytesInFlash, bpc, runs }) => {
      const run = runs.find((candidate) => candidate.board === board.id);
      const instructions = run?.instructionsPerToken ?? null;
      return [
        name,
        formatCount(bytesInFlash),
        formatBpc(bpc),
        instructions === null ? (run?.missing ?? '-') : formatMillions(instructions),
        'measured',
      ];
    }),
    ...comparableRivals(results).map(({ name, bytesInFlash, bpc, instructionsPerToken }) => {
      const instructions = instructionsPerToken[board.core];
      return [
        name,
        formatCount(bytesInFlash.value),
        formatBpc(bpc.value, bpc.range),
        instructions === undefined ? 'not known' : formatMillions(instructions.value),
        'quoted',
      ];
    }),
  ];
}
