import path from 'node:path';
import type { BpcResult } from '../evaluate/bpc.js';
import { DEFAULT_SAMPLE, writeSample } from '../evaluate/samples.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { IntegerModel } from '../integer/model.js';
import { parameterCount, ternaryParameterCount } from '../model/config.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type LosslessFigure, trainingCard } from '../train/card.js';
import { LOSS_PICTURE } from '../train/run-files.js';
import type { TrainingResult } from '../train/train.js';
import type { TrainingData } from '../train/training-data.js';
import { BETA_1, BETA_2 } from '../train/training-engine.js';
import { GRADIENT_NORM_LIMIT } from '../train/training-run.js';
import type { TrainOptions } from './train-options.js';
import { learningRatesOf, optimiserInWords, processorName, scheduleInWords } from './train-words.js';
import type { RecordedRun } from './training-record.js';

/** Seeds of the samples on the card: the first ones, so that nobody chose them. */
const CARD_SEEDS = [1, 2, 3];

export interface FinishedTraining extends RecordedRun {
  tokenizer: Tokenizer;
  data: TrainingData;
  result: TrainingResult;
  integerModel: IntegerModel;
  imageBytes: number;
  evaluation: BpcResult | null;
}

/** Writes the card of a trained model, README.md in its folder. */
export async function writeCard(finished: FinishedTraining): Promise<void> {
  const {
    options,
    config,
    tokenizer,
    data,
    files,
    batch,
    directory,
    result,
    integerModel,
    imageBytes,
    evaluation,
  } = finished;
  const { state } = result;
  const heldOutBpc = state.losses.heldOut.at(-1)?.bpc;
  const card = trainingCard({
    name: path.basename(path.resolve(directory)),
    config,
    parameters: parameterCount(config),
    ternaryParameters: ternaryParameterCount(config),
    imageBytes,
    date: new Date().toISOString().slice(0, 10),
    data: files,
    dataNote: options.dataNote ?? null,
    heldOutStories: data.heldOut.length,
    charactersPerToken: data.charactersPerToken,
    seconds: state.minutes * 60,
    finished: result.finished,
    steps: state.step,
    tokensSeen: state.tokensSeen,
    epochs: result.epochs,
    batch,
    learningRates: learningRatesOf(options),
    optimiser: optimiserInWords(options),
    optimiserSettings: {
      'beta 1': BETA_1,
      'beta 2': BETA_2,
      'weight decay': options.weightDecay,
      'gradient norm at most': GRADIENT_NORM_LIMIT,
    },
    schedule: scheduleInWords(options),
    threads: options.threads,
    engine: result.engine,
    core: processorName(),
    nodeVersion: process.version,
    seed: state.seed,
    beganWith: state.beganWith ?? null,
    commandLine: ['flashlm-mcu', ...process.argv.slice(2)],
    heldOut: heldOutBpc === undefined ? null : { bpc: heldOutBpc, how: HELD_OUT_HOW },
    lossless: evaluation === null ? null : losslessFigure(evaluation, options),
    lossPicture: LOSS_PICTURE,
    samples: CARD_SEEDS.map((seed) => writeSample(integerModel, tokenizer, { ...DEFAULT_SAMPLE, seed })),
  });
  await writeFileAtomically(path.join(directory, 'README.md'), card);
}

const HELD_OUT_HOW = 'windows of held-out stories, some beginning in the middle of one';

function losslessFigure(evaluation: BpcResult, { evaluate }: TrainOptions): LosslessFigure {
  const { bpc, bpcFloat, stories, characters } = evaluation;
  const what =
    evaluate === undefined
      ? 'held-out stories of the files below'
      : evaluate.map((file) => path.basename(file)).join(', ');
  return { bpc, bpcFloat, interval: evaluation.spread.interval, stories, characters, what };
}
