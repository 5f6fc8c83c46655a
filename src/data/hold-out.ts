/** Every how manieth story is held out for evaluation, and at most how many. */
const HOLD_OUT_EVERY = 100;
const HOLD_OUT_AT_MOST = 200;

export interface SplitStories {
  training: string[];
  /** Never trained on. Empty where there are fewer than a hundred stories. */
  heldOut: string[];
}

/** Sets every hundredth story aside, so that a run measures itself on stories that it has not seen. */
export function splitStories(stories: string[]): SplitStories {
  const split: SplitStories = { training: [], heldOut: [] };
  stories.forEach((story, index) => {
    const holdOut = index % HOLD_OUT_EVERY === HOLD_OUT_EVERY - 1 && split.heldOut.length < HOLD_OUT_AT_MOST;
    (holdOut ? split.heldOut : split.training).push(story);
  });
  return split;
}
