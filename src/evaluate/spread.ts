import { deviation, maxIndex, mean, minIndex, quantile } from 'd3-array';
import { bootstrapInterval, type ConfidenceInterval } from './confidence.js';

/** A story as its text and what a model made of it. */
export interface MeasuredStory {
  text: string;
  /** Unicode code points of the text, at least 1 */
  characters: number;
  /** Bits per character of this story alone */
  bpc: number;
}

/** One story of the corpus, so that a person can find it. */
export interface NotedStory {
  /** From 0, in the order of the stories. */
  index: number;
  bpc: number;
  /** Its first words. */
  opening: string;
}

/**
 * How the bits per character of single stories spread. The mean counts every story once, whatever its length, so it
 * differs a little from the figure of the corpus, which counts every character once.
 */
export interface StorySpread {
  mean: number;
  /** Of the stories as a sample (n - 1); null for a single story. */
  standardDeviation: number | null;
  /** Interpolated linearly between stories (Hyndman and Fan's type 7). */
  percentiles: { p5: number; p25: number; p50: number; p75: number; p95: number };
  /** The story with the fewest bits per character; the first of equals. */
  best: NotedStory;
  worst: NotedStory;
  /** Of the corpus's bits per character, over the choice of stories; null for a single story. */
  interval: ConfidenceInterval | null;
}

const OPENING_WORDS = 8;
/** Text without spaces has no words to count. */
const OPENING_CHARACTERS = 80;

/** @param stories at least one */
export function spreadOf(stories: readonly MeasuredStory[]): StorySpread {
  const figures = stories.map(({ bpc }) => bpc);
  const percentile = (share: number) => quantile(figures, share) as number;
  const note = (index: number): NotedStory => ({
    index,
    bpc: figures[index],
    opening: openingOf(stories[index].text),
  });
  return {
    mean: mean(figures) as number,
    standardDeviation: deviation(figures) ?? null,
    percentiles: {
      p5: percentile(0.05),
      p25: percentile(0.25),
      p50: percentile(0.5),
      p75: percentile(0.75),
      p95: percentile(0.95),
    },
    best: note(minIndex(figures)),
    worst: note(maxIndex(figures)),
    interval: bootstrapInterval(
      stories.map(({ bpc, characters }) => ({ bits: bpc * characters, characters })),
    ),
  };
}

/** The first words of a text on one line, with an ellipsis where it goes on. */
export function openingOf(text: string): string {
  const words = text.trim().split(/\s+/u);
  const opening = [...words.slice(0, OPENING_WORDS).join(' ')];
  const isWhole = words.length <= OPENING_WORDS && opening.length <= OPENING_CHARACTERS;
  return isWhole ? opening.join('') : `${opening.slice(0, OPENING_CHARACTERS).join('')} ...`;
}
