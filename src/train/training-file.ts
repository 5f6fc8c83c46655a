import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { FloatModel } from '../float/model.js';
import { type RunRecord, runRecordSchema } from './run-record.js';
import { weightsChecksum } from './start-weights.js';

/** Beside the weights of a checkpoint: what made them. A file of its own, as the same weights may take other times. */
const TRAINING_FILE = 'training.json';
const VERSION = 1;

const trainingFileSchema = z.strictObject({
  version: z.literal(VERSION),
  /** Of the weights that it speaks of, as weightsChecksum computes it. */
  weightsSha256: z.string(),
  /** The oldest first. */
  runs: z.array(runRecordSchema).min(1),
});

/**
 * Records what made the weights of a checkpoint folder.
 * @param model the weights as they are read from there
 * @param runs the oldest first
 * @throws FlashlmError write-failed
 */
export async function writeTrainingFile(
  directory: string,
  model: FloatModel,
  runs: RunRecord[],
): Promise<void> {
  const content = { version: VERSION, weightsSha256: weightsChecksum(model), runs };
  await writeFileAtomically(
    path.join(directory, TRAINING_FILE),
    `${JSON.stringify(trainingFileSchema.parse(content), null, 2)}\n`,
  );
}

/**
 * What made the weights of a checkpoint folder.
 *
 * @param model the weights as they were read from there
 * @returns the runs, the oldest first; null where nobody recorded them (an import, an older checkpoint), and for a record
 *   that speaks of other weights
 * @throws FlashlmError bad-checkpoint for a file that is no such record
 */
export async function readTrainingFile(directory: string, model: FloatModel): Promise<RunRecord[] | null> {
  const file = path.join(directory, TRAINING_FILE);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const { weightsSha256, runs } = parse(text, file);
  return weightsSha256 === weightsChecksum(model) ? runs : null;
}

function parse(text: string, file: string): z.infer<typeof trainingFileSchema> {
  try {
    return trainingFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${file} does not say what made the weights beside it.`,
      'Use an undamaged checkpoint, or remove the file: training goes on without it.',
      { cause },
    );
  }
}
