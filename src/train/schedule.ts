/**
 * Factor on the peak learning rate: a linear warm-up, the peak, and a linear decay that reaches zero exactly at the end
 * of the budget, be it steps or minutes.
 *
 * @param step counts from 1
 * @param progress share of the budget that is used up, 0..1
 * @param decayShare share of the budget that the decay takes, above 0; with 1 it begins at once
 */
export function learningRateFactor(
  step: number,
  warmupSteps: number,
  progress: number,
  decayShare: number,
): number {
  return Math.min(1, step / warmupSteps) * Math.min(1, Math.max(0, 1 - progress) / decayShare);
}
