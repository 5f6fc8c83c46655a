import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FloatModel } from '../float/model.js';
import { parameterOf } from '../float/parameter.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { namedWeightsSchema, type RunRecord, runRecordSchema } from './run-record.js';

/** Trained weights that a run begins with. */
export interface StartModel {
  model: FloatModel;
  /** The runs that made them, the oldest first; null where nobody recorded them. */
  runs: RunRecord[] | null;
}

/** Weights that a run began with, as its resume file and its card name them. */
export const startWeightsSchema = namedWeightsSchema.extend({
  /** The runs that made them, the oldest first; left out where nobody recorded them. */
  runs: z.array(runRecordSchema).optional(),
});

export type StartWeights = z.infer<typeof startWeightsSchema>;

/**
 * Copies a model's weights, the clusters of its vocabulary included, into a flat parameter vector.
 * @param flat [total of parameterLayout(model.config)]
 */
export function fillWithWeights(flat: Float32Array, model: FloatModel): void {
  for (const parameter of parameterLayout(model.config).parameters) {
    parameterView(flat, parameter).set(parameterOf(model, parameter.name));
  }
}

export function describeStart({ model, runs }: StartModel): StartWeights {
  return { name: model.name, sha256: weightsChecksum(model), ...(runs === null ? {} : { runs }) };
}

/** @returns hexadecimal SHA-256 of all values in the order of parameterLayout, 32-bit little-endian */
export function weightsChecksum(model: FloatModel): string {
  const { total } = parameterLayout(model.config);
  const flat = new Float32Array(total);
  fillWithWeights(flat, model);
  return createHash('sha256').update(new Uint8Array(flat.buffer)).digest('hex');
}
