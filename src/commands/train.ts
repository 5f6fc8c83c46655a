import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { readStories } from '../data/stories.js';
import { type BpcOptions, type BpcResult, evaluateBpc } from '../evaluate/bpc.js';
import { type ModelConfig, parameterCount } from '../model/config.js';
import { PRESETS } from '../model/presets.js';
import { SampleDiary, writeLossPicture, writeModelImage } from '../train/run-files.js';
import type { TrainingProgress } from '../train/train.js';
import { addEngineOptions, engineChoice } from './engine-options.js';
import { withInterrupt } from './interrupt.js';
import { integerBetween, numberBetween } from './options.js';
import { printResult } from './output.js';
import { formatDuration, type ProgressBar, startProgressBar } from './progress-bar.js';
import { chooseData } from './train-data.js';
import {
  chooseBatch,
  chooseBudget,
  chooseDirectory,
  chooseShape,
  chooseStart,
  type TrainOptions,
} from './train-options.js';
import { learningRatesOf } from './train-words.js';
import { writeCard } from './training-card.js';
import { recordTraining } from './training-record.js';

const EXAMPLES = `
Examples:
  flashlm-mcu train --data stories.txt --minutes 60
  flashlm-mcu train --preset v4 --data stories.txt --minutes 120 --threads 2
  flashlm-mcu train --preset nano --data a.txt b.txt --steps 500 --out my-model
  flashlm-mcu train --from mcu --data my-stories.txt --minutes 20 --learning-rate 0.003
  flashlm-mcu train --config shape.json --data stories/ --minutes 10 --json
Run the same command again to resume an interrupted run; Ctrl-C saves first. The folder then holds the checkpoint,
model.flm, a card (README.md), loss.svg and samples.md.
`;

const DEFAULT_LEARNING_RATE = 1e-2;
const DEFAULT_WEIGHT_DECAY = 0.01;
const DEFAULT_WARMUP_STEPS = 100;
const DEFAULT_SAVE_SECONDS = 120;
/** Held-out stories that the closing evaluation reads: enough for two digits, few enough to be quick. */
const CLOSING_STORIES = 20;
/** `train`: from stories to a checkpoint and an image. */
export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train a model on stories; leaves a checkpoint, model.flm, a card and a picture of the loss')
    .requiredOption('--data <files...>', 'story files, folders, or one folder from `data prepare`')
    .option('--preset <name>', `shape: ${Object.keys(PRESETS).join(', ')} (default: mcu)`)
    .option('--config <file>', 'a shape of your own, as JSON (instead of --preset)')
    .option(
      '--from <model>',
      'go on with the weights, shape and vocabulary of a checkpoint folder or of a model that ships',
    )
    .option('--tokenizer <file>', 'use this tokenizer.json instead of learning one')
    .option('--vocabulary <n>', 'vocabulary to learn (default: the shape says)', integerBetween(257, 65535))
    .option(
      '--minutes <n>',
      'budget in minutes, resumed runs included (default: 60)',
      numberBetween(0.01, 1e6),
    )
    .option('--steps <n>', 'budget in steps instead', integerBetween(1, 1e9))
    .option('--out <folder>', 'where the checkpoint goes (default: checkpoints/PRESET)')
    .option('--evaluate <files...>', 'stories for the closing evaluation (default: some held-out ones)')
    .option('--data-note <text>', 'what the data is, for the card')
    .option('--threads <n>', 'worker threads', integerBetween(1, 256), Math.min(2, availableParallelism()))
    .option('--batch <n>', 'sequences in a batch, a multiple of the threads', integerBetween(1, 4096))
    .option('--learning-rate <x>', 'peak learning rate', numberBetween(1e-9, 1e9), DEFAULT_LEARNING_RATE)
    .option(
      '--embedding-learning-rate <x>',
      'that of the embedding (default: the same)',
      numberBetween(1e-9, 1e9),
    )
    .addOption(
      new Option('--optimizer <name>', 'of the ternary matrices').choices(['muon', 'adamw']).default('muon'),
    )
    .option(
      '--weight-decay <x>',
      'pull of the weights towards zero',
      numberBetween(0, 10),
      DEFAULT_WEIGHT_DECAY,
    )
    .option('--warmup <n>', 'steps until the peak', integerBetween(1, 1e6), DEFAULT_WARMUP_STEPS)
    .option(
      '--decay <share>',
      'last part of the budget in which the learning rate falls to zero; a run that is stopped before it can be ' +
        'given a longer budget',
      numberBetween(0.01, 1),
      1,
    )
    .option('--seed <n>', 'seed of weights and order (default: 1)', integerBetween(0, 2 ** 31 - 1))
    .option(
      '--save-every <seconds>',
      'seconds between saved checkpoints',
      numberBetween(0.01, 1e6),
      DEFAULT_SAVE_SECONDS,
    );
  addEngineOptions(command)
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runTrain);
}

async function runTrain(options: TrainOptions): Promise<void> {
  const start = await chooseStart(options);
  const shape = await chooseShape(options, start);
  const budget = chooseBudget(options);
  const batch = chooseBatch(options);
  const engine = engineChoice(options, options.threads);
  const closingStories = options.evaluate === undefined ? null : await readStories(options.evaluate);
  const directory = chooseDirectory(options);
  const { data, tokenizer, files } = await chooseData(options, start, directory, shape.vocabulary);
  const config: ModelConfig = { ...shape, vocabulary: tokenizer.vocabularySize };
  const run = { options, config, files, batch, budget, directory };

  // tfjs takes a second to load, which only this command should cost.
  const { train } = await import('../train/train.js');
  const bar = startProgressBar(`training ${path.basename(directory)}`);
  let share = 0;
  let diary: SampleDiary | null = null;
  const result = await withInterrupt((signal) =>
    train({
      ...{ config, tokenizer, data, directory, budget, engine, batch },
      startModel: start,
      learningRates: learningRatesOf(options),
      optimizer: { matrices: options.optimizer, weightDecay: options.weightDecay },
      warmupSteps: options.warmup,
      decayShare: options.decay,
      seed: options.seed ?? null,
      saveInterval: options.saveEvery,
      onProgress: (progress) => {
        share = progress.share;
        diary ??= new SampleDiary(directory, share);
        showProgress(bar, progress);
      },
      onSave: async (state) => {
        await writeLossPicture(directory, state);
        await recordTraining(run, state);
        await diary?.keep(state, share);
      },
      signal,
    }),
  ).finally(() => bar.stop());

  const { integerModel, imageBytes } = await writeModelImage(directory);
  const { model: floatModel } = await readCheckpoint(directory);
  const closing = closingStories ?? data.heldOut.slice(0, CLOSING_STORIES);
  const models = { tokenizer, integerModel, floatModel };
  const evaluation = closing.length === 0 ? null : await evaluateClosing(closing, models, options.threads);
  const { state } = result;
  await writeCard({ ...run, tokenizer, data, result, integerModel, imageBytes, evaluation });
  const report = {
    parameters: parameterCount(config),
    tokensPerSecond: result.tokensPerSecond,
    tokensSeen: state.tokensSeen,
    steps: state.step,
    minutes: state.minutes,
    threads: options.threads,
    engine: result.engine,
    finished: result.finished,
    /** Lossless, integer arithmetic; null where there was nothing to evaluate on. */
    bpc: evaluation?.bpc ?? null,
    bpcStories: closing.length,
    checkpoint: directory,
  };
  printResult(options.json, report, () => [
    `${directory}: ${report.parameters} parameters, ${report.tokensSeen} tokens in ` +
      `${formatDuration(report.minutes * 60)} (${Math.round(report.tokensPerSecond)} tokens/s)`,
    report.bpc === null
      ? 'No stories were held out (there are fewer than a hundred), so there is no BPC.'
      : `${report.bpc.toFixed(3)} bits per character on ${closing.length} ${closingStories === null ? 'held-out ' : ''}stories`,
    `Its card is ${path.join(directory, 'README.md')}.`,
    report.finished ? '' : 'Interrupted: run the same command again to go on.',
  ]);
}

/** Lossless BPC, with a progress bar: on a large model it takes minutes. */
async function evaluateClosing(
  stories: string[],
  models: Pick<BpcOptions, 'tokenizer' | 'integerModel' | 'floatModel'>,
  workers: number,
): Promise<BpcResult> {
  const bar = startProgressBar('evaluating');
  return evaluateBpc({
    stories,
    ...models,
    workers,
    onProgress: ({ stories: done, totalStories, tokens, totalTokens }) =>
      bar.update(tokens / totalTokens, `${done} of ${totalStories} stories`),
  }).finally(() => bar.stop());
}

function showProgress(bar: ProgressBar, progress: TrainingProgress): void {
  const heldOut = progress.heldOutBpc === null ? '' : `  held-out BPC ${progress.heldOutBpc.toFixed(3)}`;
  bar.update(
    progress.share,
    `step ${progress.step}  loss ${progress.loss.toFixed(3)}${heldOut}  ` +
      `${Math.round(progress.tokensPerSecond)} tokens/s  ${formatDuration(progress.secondsLeft)} left  ${progress.engine}`,
  );
}
