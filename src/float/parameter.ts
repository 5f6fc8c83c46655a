import { FlashlmError } from '../errors.js';
import { findShapeProblem } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import type { FloatModel } from './model.js';

/**
 * Checks that a model has a possible shape, every parameter of it and that all of them are finite.
 *
 * @throws FlashlmError `bad-checkpoint`
 */
export function checkParameters(model: FloatModel): void {
  const problem = findShapeProblem(model.config);
  if (problem !== null) {
    throw new FlashlmError(
      'bad-checkpoint',
      `The model's shape is impossible: ${problem}.`,
      'Use the configuration that belongs to the weights.',
    );
  }
  for (const { name, size } of parameterLayout(model.config).parameters) {
    const values = parameterOf(model, name);
    if (values.length !== size) {
      throw new FlashlmError(
        'bad-checkpoint',
        `Parameter ${name} has ${values.length} values where the model's shape asks for ${size}.`,
        'Use the configuration that belongs to the weights.',
      );
    }
    if (!values.every(Number.isFinite)) {
      throw new FlashlmError(
        'bad-checkpoint',
        `Parameter ${name} holds a value that is not a finite number.`,
        'Use an earlier checkpoint: this training has diverged.',
      );
    }
  }
}

/**
 * @param name FlashLM's state_dict key
 * @throws FlashlmError `bad-checkpoint`
 */
export function parameterOf(model: FloatModel, name: string): Float32Array {
  const values = model.parameters.get(name);
  if (values === undefined) {
    throw new FlashlmError(
      'bad-checkpoint',
      `The model has no parameter ${name}.`,
      'Use a complete FlashLM v4 checkpoint.',
    );
  }
  return values;
}
