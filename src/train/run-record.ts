import { z } from 'zod';

/** A file of the training data. */
export const dataFileSchema = z.strictObject({
  /** A path is allowed; what is shown or kept is its last part. */
  name: z.string(),
  stories: z.int().min(0),
  /** Unicode code points */
  characters: z.int().min(0),
  /** Hexadecimal, of the whole file; a card shows the beginning. */
  sha256: z.string(),
});

export type DataFile = z.infer<typeof dataFileSchema>;

/** Weights by the name of their model and by what they are. */
export const namedWeightsSchema = z.strictObject({
  name: z.string(),
  /** Hexadecimal, of all values in the order of parameterLayout, 32-bit little-endian. */
  sha256: z.string(),
});

/** One training run as those who go on from its weights remember it. */
export const runRecordSchema = z.strictObject({
  /** Of the model that it made: the checkpoint folder's own name. */
  name: z.string(),
  /** The weights that it began with; null: random ones. */
  beganWith: namedWeightsSchema.nullable(),
  /** Day of its last step, as "2026-11-23". */
  date: z.string(),
  /** Spent in training, resumed parts included. */
  minutes: z.number().min(0),
  steps: z.int().min(0),
  tokensSeen: z.int().min(0),
  /** Whether its budget was used up. */
  finished: z.boolean(),
  /** Threads and processor, in words: "3 threads of AMD EPYC". */
  machine: z.string(),
  /** Batch, learning rates, optimiser and schedule, in words. */
  settings: z.string(),
  data: z.array(dataFileSchema),
  /** What the data is, where the user said so. */
  dataNote: z.string().nullable(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

/** What several runs took together. */
export interface RunTotals {
  runs: number;
  minutes: number;
  tokensSeen: number;
}

export function totalsOf(runs: readonly Pick<RunRecord, 'minutes' | 'tokensSeen'>[]): RunTotals {
  return {
    runs: runs.length,
    minutes: runs.reduce((sum, { minutes }) => sum + minutes, 0),
    tokensSeen: runs.reduce((sum, { tokensSeen }) => sum + tokensSeen, 0),
  };
}
