import { mean } from 'd3-array';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type NameFigures, nameFigures, namesOf, type StoryNames } from './names.js';
import { type RepetitionFigures, repetitionFigures, repetitionOf } from './repetition.js';
import type { Sample } from './samples.js';
import { wordsOf } from './words.js';

/** What can be counted in stories without understanding them; docs/evaluation.md says what each figure means. */
export interface StoryFigures {
  stories: number;
  /** Mean. */
  wordsPerStory: number;
  /** Share of the stories that ended within the limit of tokens; see `toldFigures` and `realFigures`. */
  ended: number;
  repetition: RepetitionFigures;
  /** Of the first 100 words alone, of the stories with at least so many: repetition rises with length. */
  repetitionIn100Words: RepetitionFigures;
  names: NameFigures;
}

const EQUAL_LENGTH = 100;

/**
 * Of stories that a model told, prompts included. A story ended where the model chose the end-of-story token.
 * @param realStories whose names count as known; null where there are none
 */
export function toldFigures(stories: readonly Sample[], realStories: readonly string[] | null): StoryFigures {
  return figuresOf(
    stories.map(({ text }) => text),
    stories.map(({ ended }) => ended),
    realStories === null ? null : knownNames(namesOf(realStories)),
  );
}

/**
 * Of stories that people know, as they are. All of them end; what is counted is those that could have been told within
 * the limit, the end-of-story token included.
 *
 * @param stories at least one
 * @param tokenizer the model's, as the chip cuts texts
 * @param tokens most tokens of a story
 */
export function realFigures(
  stories: readonly string[],
  tokenizer: Pick<Tokenizer, 'encode'>,
  tokens: number,
): StoryFigures {
  return figuresOf(
    stories,
    stories.map((story) => tokenizer.encode(story).length + 1 <= tokens),
    knownNames(namesOf(stories)),
  );
}

function knownNames(stories: readonly StoryNames[]): Set<string> {
  return new Set(stories.flatMap(({ names }) => names.map(({ name }) => name)));
}

function figuresOf(
  texts: readonly string[],
  ended: readonly boolean[],
  known: ReadonlySet<string> | null,
): StoryFigures {
  const words = texts.map((text) => wordsOf(text).map((word) => word.text.toLowerCase()));
  const long = words.filter(({ length }) => length >= EQUAL_LENGTH);
  return {
    stories: texts.length,
    wordsPerStory: mean(words, ({ length }) => length) ?? 0,
    ended: mean(ended, Number) ?? 0,
    repetition: repetitionFigures(words.map(repetitionOf)),
    repetitionIn100Words: repetitionFigures(long.map((story) => repetitionOf(story.slice(0, EQUAL_LENGTH)))),
    names: nameFigures(namesOf(texts), known),
  };
}
