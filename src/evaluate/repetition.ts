import { mean, quantile } from 'd3-array';

/** How much of a story was there before. */
export interface Repetition {
  /** distinct-1 to distinct-4; see `distinctShares`. */
  distinct: (number | null)[];
  /** In words; see `longestRepeat`. */
  longestRepeat: number;
}

/** The same of many stories. Each story counts once, whatever its length. */
export interface RepetitionFigures {
  /** Stories that were counted. */
  stories: number;
  /** Means over the stories with at least 1, 2, 3 or 4 words; null where there is none. */
  distinct1: number | null;
  distinct2: number | null;
  distinct3: number | null;
  distinct4: number | null;
  longestRepeat: { mean: number | null; p90: number | null };
}

const LARGEST_N = 4;

/** @param words in order, already in the form in which they are compared */
export function repetitionOf(words: readonly string[]): Repetition {
  const numbers = numberWords(words);
  return { distinct: distinctShares(numbers), longestRepeat: longestRepeat(numbers) };
}

export function repetitionFigures(stories: readonly Repetition[]): RepetitionFigures {
  const [distinct1, distinct2, distinct3, distinct4] = Array.from(
    { length: LARGEST_N },
    (_, i) => mean(stories, ({ distinct }) => distinct[i]) ?? null,
  );
  const longest = stories.map((story) => story.longestRepeat);
  return {
    stories: stories.length,
    ...{ distinct1, distinct2, distinct3, distinct4 },
    longestRepeat: { mean: mean(longest) ?? null, p90: quantile(longest, 0.9) ?? null },
  };
}

/**
 * distinct-n for n = 1 to 4 (Li et al., 2016): different runs of n words / runs of n words, so 1 where no run comes
 * twice. null for a text with fewer than n words.
 */
function distinctShares(words: readonly number[]): (number | null)[] {
  let spans = words;
  return Array.from({ length: LARGEST_N }, (_, before) => {
    if (before > 0) spans = joinSpans(spans, words, before);
    return spans.length === 0 ? null : new Set(spans).size / spans.length;
  });
}

/**
 * Words of the longest span that stands at two places that do not overlap; 0 where no word comes twice. Found by
 * doubling: the spans of 2, 4, 8 ... words are numbered until none of them comes twice, and the length between is put
 * together from powers of two. That takes n log n steps for n words, also for a text that is one long loop.
 */
function longestRepeat(words: readonly number[]): number {
  if (!comesTwice(words, 1)) return 0;
  /** `powers[k]` numbers the spans of 2^k words. */
  const powers = [words];
  let length = 1;
  for (;;) {
    const spans = powers[powers.length - 1];
    const doubled = joinSpans(spans, spans, length);
    if (!comesTwice(doubled, 2 * length)) break;
    powers.push(doubled);
    length *= 2;
  }
  let spans = powers[powers.length - 1];
  for (let power = powers.length - 2; power >= 0; power--) {
    const longer = joinSpans(spans, powers[power], length);
    const more = 2 ** power;
    if (!comesTwice(longer, length + more)) continue;
    spans = longer;
    length += more;
  }
  return length;
}

/** A number for each word: equal words, equal numbers, all below the number of words. */
function numberWords(words: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return words.map((word) => numberOf(numbers, word));
}

/**
 * Numbers of the spans that begin with a span of `first` and go on with one of `second`: entry i is the span from
 * word i. Equal spans, equal numbers.
 *
 * @param length words in a span of `first`
 */
function joinSpans(first: readonly number[], second: readonly number[], length: number): number[] {
  const numbers = new Map<number, number>();
  return Array.from({ length: Math.max(0, second.length - length) }, (_, i) =>
    // Numbers are below the count of spans, so no two pairs give the same key.
    numberOf(numbers, first[i] * second.length + second[i + length]),
  );
}

function numberOf<Key>(numbers: Map<Key, number>, key: Key): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}

/** Whether a span of so many words stands at two places that do not overlap. */
function comesTwice(spans: readonly number[], length: number): boolean {
  const firstPlace = new Map<number, number>();
  return spans.some((span, place) => {
    const first = firstPlace.get(span);
    if (first === undefined) firstPlace.set(span, place);
    return first !== undefined && place - first >= length;
  });
}
