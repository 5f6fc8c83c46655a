/**
 * Factor on the peak learning rate: a linear warm-up, then a linear decay that reaches zero exactly at the end of the
 * budget, be it steps or minutes.
 *
 * @param step counts from 1
 * @param progress share of the budget that is used up, 0..1
 */
export function learningRateFactor(step: number, warmupSteps: number, progress: number): number {
  return Math.min(1, step / warmupSteps) * Math.max(0, 1 - progress);
}
