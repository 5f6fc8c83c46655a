import { FlashlmError } from '../errors.js';
import { IntegerSession } from './forward.js';
import type { IntegerModel } from './model.js';
import type { ProbePoint } from './probe-point.js';

/**
 * Every intermediate vector of one step, in order of computation.
 *
 * @param tokens the tokens fed, from step 0 (end-of-story) on; at least up to `step`
 * @param step number of the step
 * @throws FlashlmError `bad-argument` where the tokens do not reach the step
 */
export function probeStep(model: IntegerModel, tokens: ArrayLike<number>, step: number): ProbePoint[] {
  if (!Number.isInteger(step) || step < 0 || step >= tokens.length) {
    throw new FlashlmError(
      'bad-argument',
      `Step ${step} cannot be probed: ${tokens.length} tokens were fed.`,
      'Probe a step of the run.',
    );
  }
  const session = new IntegerSession(model);
  for (let earlier = 0; earlier < step; earlier++) {
    session.step(tokens[earlier]);
  }
  const points: ProbePoint[] = [];
  session.probe = (point) => points.push(point);
  session.step(tokens[step]);
  return points;
}
