import { quantileSorted } from 'd3-array';
import { Random } from '../train/random.js';

/** What one story adds to the corpus figure. */
export interface StoryCost {
  /** Bits that the model spends on the story. */
  bits: number;
  /** Unicode code points */
  characters: number;
}

/** Where the figure of a corpus lies, had other stories of the same kind been drawn. */
export interface ConfidenceInterval {
  low: number;
  high: number;
  /** Share of resampled corpora whose figure lies between: 0.95. */
  confidence: number;
  resamples: number;
  seed: number;
}

const CONFIDENCE = 0.95;
const RESAMPLES = 2000;
/** Fixed, so that the same stories give the same interval. */
const SEED = 1;

/**
 * Percentile bootstrap (Efron, 1979) of a corpus's bits per character over its stories: corpora of as many stories
 * are drawn with replacement, and each one's bits are divided by its own characters. It says what the choice of
 * stories can do to the figure, nothing about another choice of training seed.
 *
 * @returns bits per character; null for a single story, which says nothing about others
 */
export function bootstrapInterval(stories: readonly StoryCost[]): ConfidenceInterval | null {
  if (stories.length < 2) return null;
  const random = new Random(SEED);
  const figures = Array.from({ length: RESAMPLES }, () => {
    let bits = 0;
    let characters = 0;
    for (let draw = 0; draw < stories.length; draw++) {
      const story = stories[Math.floor(random.uniform() * stories.length)];
      bits += story.bits;
      characters += story.characters;
    }
    return bits / characters;
  });
  figures.sort((a, b) => a - b);
  const tail = (1 - CONFIDENCE) / 2;
  const at = (share: number) => quantileSorted(figures, share) as number;
  return { low: at(tail), high: at(1 - tail), confidence: CONFIDENCE, resamples: RESAMPLES, seed: SEED };
}
