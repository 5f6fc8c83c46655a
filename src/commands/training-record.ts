import path from 'node:path';
import { readModel } from '../checkpoint/checkpoint.js';
import type { ModelConfig } from '../model/config.js';
import { type Budget, usedShare } from '../train/budget.js';
import type { TrainingState } from '../train/resume.js';
import type { DataFile, RunRecord } from '../train/run-record.js';
import { writeTrainingFile } from '../train/training-file.js';
import type { TrainOptions } from './train-options.js';
import { learningRatesOf, machineInWords, optimiserInWords, scheduleInWords } from './train-words.js';

/** A run, apart from how far it has got. */
export interface RecordedRun {
  options: TrainOptions;
  config: ModelConfig;
  files: DataFile[];
  batch: number;
  budget: Budget;
  /** Of the checkpoint. */
  directory: string;
}

/** Records what made the weights that were just saved: the runs behind those it began with, and this one so far. */
export async function recordTraining(run: RecordedRun, state: TrainingState): Promise<void> {
  const { directory } = run;
  const earlier = state.beganWith?.runs ?? [];
  await writeTrainingFile(directory, await readModel(directory), [...earlier, recordOf(run, state)]);
}

function recordOf(
  { options, config, files, batch, budget, directory }: RecordedRun,
  state: TrainingState,
): RunRecord {
  const { beganWith } = state;
  const rates = Object.entries(learningRatesOf(options)).map(([name, rate]) => `${name} ${rate}`);
  return {
    name: path.basename(path.resolve(directory)),
    beganWith: beganWith === undefined ? null : { name: beganWith.name, sha256: beganWith.sha256 },
    date: new Date().toISOString().slice(0, 10),
    minutes: state.minutes,
    steps: state.step,
    tokensSeen: state.tokensSeen,
    finished: usedShare(budget, state) >= 1,
    machine: machineInWords(options.threads),
    settings: [
      `batch ${batch} x ${config.context} tokens`,
      `peak learning rate: ${rates.join(', ')}`,
      optimiserInWords(options),
      scheduleInWords(options),
    ].join('; '),
    data: files.map(({ name, stories, characters, sha256 }) => ({
      ...{ name: path.basename(name), stories, characters, sha256 },
    })),
    dataNote: options.dataNote ?? null,
  };
}
