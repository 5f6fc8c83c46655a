import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import prettyBytes from 'pretty-bytes';
import type { BenchFigure } from '../bench/bench-figures.js';
import type { TrainingSpeed } from '../bench/training-speed.js';
import { PRESETS } from '../model/presets.js';
import { addBenchChipsCommand } from './bench-chips.js';
import { addBenchTokenCommand } from './bench-token.js';
import { addEngineOptions, type EngineOptions, engineChoice } from './engine-options.js';
import { integerBetween } from './options.js';
import { printResult } from './output.js';
import { choosePreset } from './preset.js';
import { formatTable } from './table.js';

const BENCH_EXAMPLES = `
Examples:
  flashlm-mcu bench --json
  flashlm-mcu bench --out docs/performance.md
  flashlm-mcu bench token --boards esp32c3
  flashlm-mcu bench train --threads 2
`;

const EXAMPLES = `
Examples:
  flashlm-mcu bench train
  flashlm-mcu bench train --preset v4-large --threads 1 2 4 --json
  flashlm-mcu bench train --engine c --arithmetic float --blas libopenblas.so.0
`;

/** One, two and four threads, as far as this computer has them. */
const DEFAULT_THREADS = [...new Set([1, 2, 4].map((n) => Math.min(n, availableParallelism())))];

/** `bench`: what is measured rather than told. */
export function addBenchCommand(program: Command): void {
  const bench = program
    .command('bench')
    .description('how many instructions a chip executes, and how fast this computer trains')
    .addHelpText('after', BENCH_EXAMPLES);
  addBenchChipsCommand(bench);
  addBenchTokenCommand(bench);
  const train = bench
    .command('train')
    .description('tokens a second of whole training steps, on random tokens')
    .option('--preset <name>', `shape: ${Object.keys(PRESETS).join(', ')}`, 'v4')
    .option('--threads <n...>', 'worker threads, one measurement for each number', integers, DEFAULT_THREADS)
    .option('--batch <n>', 'sequences in a batch', integerBetween(1, 4096), 8)
    .option('--steps <n>', 'measured steps, of which the median is taken', integerBetween(1, 1e6), 7);
  addEngineOptions(train)
    .option('--json', 'print a list of {name, target, value, unit}')
    .addHelpText('after', EXAMPLES)
    .action(runBenchTrain);
}

/** commander hands over one argument after another of an option that takes several. */
function integers(text: string, before: number[] | undefined): number[] {
  const value = integerBetween(1, 256)(text);
  // The default is the same array each time; what the user gives replaces it.
  return before === undefined || before === DEFAULT_THREADS ? [value] : [...before, value];
}

interface BenchTrainOptions extends EngineOptions {
  preset: string;
  threads: number[];
  batch: number;
  steps: number;
  json?: boolean;
}

/** The library whose peak the engine's speed is compared with. */
const PEAK_LIBRARY = 'libopenblas.so.0';

async function runBenchTrain(options: BenchTrainOptions): Promise<void> {
  const config = choosePreset(options.preset);
  const choices = options.threads.map((threads) => engineChoice(options, threads));
  // tfjs takes a second to load, which only this command should cost.
  const { blasPeak, measureTrainingSpeed } = await import('../bench/training-speed.js');
  const peak = await blasPeak(PEAK_LIBRARY);
  const results: TrainingSpeed[] = [];
  for (const engine of choices) {
    const request = { config, engine, batch: options.batch, warmupSteps: 2, steps: options.steps };
    results.push(await measureTrainingSpeed(request));
  }
  const target = `${options.preset}, batch ${options.batch} x ${config.context}`;
  const figures: BenchFigure[] = results.flatMap((result) => {
    const on = `${target}, ${result.engine}`;
    return [
      { name: 'training speed', target: on, value: result.tokensPerSecond, unit: 'tokens/s' },
      { name: 'matrix products', target: on, value: result.operationsPerSecond, unit: 'operations/s' },
      {
        name: "share of the BLAS's peak",
        target: on,
        value: peak === null ? null : result.operationsPerSecond / (peak * result.threads),
        unit: 'ratio',
      },
      { name: 'largest memory', target: on, value: result.memoryBytes, unit: 'bytes' },
    ];
  });
  if (peak !== null) {
    figures.push({
      name: "the BLAS's peak",
      target: PEAK_LIBRARY,
      value: peak,
      unit: 'operations/s a thread',
    });
  }
  printResult(options.json, figures, () => [
    ...formatTable([
      ['threads', 'tokens/s', 'products, GFLOP/s', "of the BLAS's peak", 'memory', 'engine'],
      ...results.map((result) => [
        String(result.threads),
        Math.round(result.tokensPerSecond).toString(),
        (result.operationsPerSecond / 1e9).toFixed(0),
        peak === null
          ? 'no BLAS'
          : `${((100 * result.operationsPerSecond) / (peak * result.threads)).toFixed(0)}%`,
        prettyBytes(result.memoryBytes, { binary: true }),
        result.engine,
      ]),
    ]),
    `${target}; memory is the largest of this process up to then.`,
    peak === null ? '' : `${PEAK_LIBRARY} multiplies at most ${(peak / 1e9).toFixed(0)} GFLOP/s on a thread.`,
  ]);
}
