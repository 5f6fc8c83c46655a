/** When training ends, the minutes or steps of resumed runs included. */
export type Budget = { minutes: number } | { steps: number };

/** Used part of a budget; 1 or more where it is used up. @param spent of the run so far */
export function usedShare(budget: Budget, spent: { step: number; minutes: number }): number {
  return 'steps' in budget ? spent.step / budget.steps : spent.minutes / budget.minutes;
}
