import { createHash } from 'node:crypto';
import type { FloatModel } from '../float/model.js';
import { parameterOf } from '../float/parameter.js';
import { parameterLayout, parameterView } from '../model/parameters.js';

/** Weights that a run begins with, as its resume file and its card name them. */
export interface StartWeights {
  name: string;
  /** Hexadecimal, of all values in the order of parameterLayout, 32-bit little-endian. */
  sha256: string;
}

/**
 * Copies a model's weights, the clusters of its vocabulary included, into a flat parameter vector.
 * @param flat [total of parameterLayout(model.config)]
 */
export function fillWithWeights(flat: Float32Array, model: FloatModel): void {
  for (const parameter of parameterLayout(model.config).parameters) {
    parameterView(flat, parameter).set(parameterOf(model, parameter.name));
  }
}

export function identify(model: FloatModel): StartWeights {
  const { total } = parameterLayout(model.config);
  const flat = new Float32Array(total);
  fillWithWeights(flat, model);
  return { name: model.name, sha256: createHash('sha256').update(new Uint8Array(flat.buffer)).digest('hex') };
}
