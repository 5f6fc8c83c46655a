import { mean } from 'd3-array';
import { type Word, wordsOf } from './words.js';

/** A name of a story and where it stands. */
export interface Name {
  /** In lower case. */
  name: string;
  /** Places of its mentions among the story's words, from 0, rising. */
  mentions: number[];
}

/** The names of one story, in order of first mention. */
export interface StoryNames {
  words: number;
  names: Name[];
}

/**
 * Whether stories keep the names that they introduce. A story is cut into thirds by its words; a name is early when its
 * first mention lies in the first third, else late.
 */
export interface NameFigures {
  /** Share of the stories with at least one name. */
  storiesWithNames: number | null;
  /** Mean number of different names in a story. */
  namesPerStory: number | null;
  /** Number of stories with an early name: what the next two shares are of. */
  storiesWithEarlyNames: number;
  /** Share of these stories whose first name is mentioned in the last third. */
  firstNameInLastThird: number | null;
  /** Of these stories, those whose first name real stories have too; null without real stories to compare with. */
  firstNameKnown: KeptFirstName | null;
  /** Of these stories, those whose first name no real story has. */
  firstNameUnknown: KeptFirstName | null;
  /** Share of these stories in which every early name is mentioned again after the first third. */
  earlyNamesMentionedAgain: number | null;
  /** Mentions of early names / mentions of names, after the first third, over all stories together. */
  laterMentionsOfEarlyNames: number | null;
  /** Mean number of late names in a story. */
  lateNamesPerStory: number | null;
}

export interface KeptFirstName {
  stories: number;
  /** Share of them whose first name is mentioned in the last third. */
  inLastThird: number | null;
}

/** Written with a capital without being a name. All that is known of English, with the titles. */
const NO_NAMES = new Set([
  ...['mom', 'mommy', 'momma', 'mum', 'mummy', 'mama', 'mother', 'dad', 'daddy', 'papa', 'father'],
  ...['grandma', 'grandpa', 'grandmother', 'grandfather', 'granny', 'auntie', 'aunt', 'uncle'],
  ...['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'miss', 'end'],
]);
/** The full stop after one of them ends no sentence, and they are no names themselves. */
const TITLES = new Set(['mr', 'mrs', 'ms', 'dr']);

const SHORTENED_VERB_OR_POSSESSIVE = /['\u2019](?:s|d|m|ll|re|ve)$/iu;
/** A capital and at least one small letter: "Tim", "Mary-Ann"; neither "I" nor "TV". */
const NAME_SHAPE = /^\p{Lu}(?=.*\p{Ll})[\p{L}-]+$/u;
const CAPITAL = /^\p{Lu}/u;
const WITHIN_SENTENCE = /^[,;]?[ \t]+$/;
const AFTER_TITLE = /^\.[ \t]+$/;
const OPENING_QUOTE = /^,? ["'\u201c\u2018]$/;

/** A story's words as they are compared: without 's and the like. */
interface SpelledStory {
  words: string[];
  /** Words that stand with a capital where no sentence begins, in lower case. */
  shown: Set<string>;
  /** Words that stand in small letters. */
  small: Set<string>;
}

/**
 * Finds the names of stories by their spelling. A story shows a word as a name if it writes it at least once with a
 * capital where no sentence begins (nothing but white space, or a comma or semicolon and white space, lies between it
 * and the word before, or a title and its full stop stand before it, or "named" and an opening quotation mark), and
 * never in small letters. A word is a name of a story if
 *
 * 1. the story shows it as one; or it writes it at beginnings of sentences alone, and of all the stories more show the
 *    word as a name than write it in small letters; and
 * 2. it is none of about thirty words for relatives, titles and days.
 *
 * Every word of the story that is the same but for capitals and for 's (or 'd, 'll, ...) is a mention of it.
 */
export function namesOf(texts: readonly string[]): StoryNames[] {
  const stories = texts.map(spellingOf);
  const evidence = new Map<string, number>();
  const add = (words: Set<string>, weight: number) => {
    for (const word of words) evidence.set(word, (evidence.get(word) ?? 0) + weight);
  };
  for (const { shown, small } of stories) {
    add(withoutWords(shown, small), 1);
    add(small, -1);
  }
  return stories.map((story) => namesOfStory(story, (word) => (evidence.get(word) ?? 0) > 0));
}

function namesOfStory(
  { words, shown, small }: SpelledStory,
  isNameElsewhere: (word: string) => boolean,
): StoryNames {
  const isName = (word: string) =>
    !small.has(word) &&
    (shown.has(word) || isNameElsewhere(word)) &&
    !NO_NAMES.has(word) &&
    !TITLES.has(word);
  const names = new Map<string, Name>();
  for (const [place, text] of words.entries()) {
    const word = text.toLowerCase();
    if (!isName(word)) continue;
    const name = names.get(word) ?? { name: word, mentions: [] };
    name.mentions.push(place);
    names.set(word, name);
  }
  return { words: words.length, names: [...names.values()] };
}

function spellingOf(text: string): SpelledStory {
  const words = wordsOf(text).map((word) => ({
    ...word,
    text: word.text.replace(SHORTENED_VERB_OR_POSSESSIVE, ''),
  }));
  const shown = new Set<string>();
  const small = new Set<string>();
  for (const [place, word] of words.entries()) {
    const key = word.text.toLowerCase();
    if (!CAPITAL.test(word.text)) small.add(key);
    else if (NAME_SHAPE.test(word.text) && beginsNoSentence(word, words[place - 1])) shown.add(key);
  }
  return { words: words.map((word) => word.text), shown, small };
}

function withoutWords(words: Set<string>, others: Set<string>): Set<string> {
  return new Set([...words].filter((word) => !others.has(word)));
}

/** @param knownNames names that real stories have, in lower case; null without real stories to compare with */
export function nameFigures(
  stories: readonly StoryNames[],
  knownNames: ReadonlySet<string> | null,
): NameFigures {
  const parts = stories.map(partNames);
  const withEarly = parts.filter(({ early }) => early.length > 0);
  const laterMentions = (names: Name[][]) =>
    names.reduce((sum, ofStory, story) => sum + countLaterMentions(ofStory, stories[story].words), 0);
  const ofEarly = laterMentions(parts.map(({ early }) => early));
  const ofAll = laterMentions(stories.map(({ names }) => names));
  return {
    storiesWithNames: share(stories, ({ names }) => names.length > 0),
    namesPerStory: mean(stories, ({ names }) => names.length) ?? null,
    storiesWithEarlyNames: withEarly.length,
    firstNameInLastThird: share(withEarly, keepsFirstName),
    firstNameKnown: knownNames && keptFirstName(withEarly, ({ name }) => knownNames.has(name)),
    firstNameUnknown: knownNames && keptFirstName(withEarly, ({ name }) => !knownNames.has(name)),
    earlyNamesMentionedAgain: share(withEarly, ({ early, words }) =>
      early.every((name) => thirdOfLastMention(name, words) > 0),
    ),
    laterMentionsOfEarlyNames: ofAll === 0 ? null : ofEarly / ofAll,
    lateNamesPerStory: mean(parts, ({ late }) => late.length) ?? null,
  };
}

function beginsNoSentence({ gap }: Word, before: Word | undefined): boolean {
  if (gap === null || before === undefined) return false;
  const wordBefore = before.text.toLowerCase();
  return (
    WITHIN_SENTENCE.test(gap) ||
    (TITLES.has(wordBefore) && AFTER_TITLE.test(gap)) ||
    (wordBefore === 'named' && OPENING_QUOTE.test(gap))
  );
}

/** The third of the story, 0 to 2, in which the word at a place lies. */
function thirdOf(place: number, words: number): number {
  return Math.floor((3 * place) / words);
}

function thirdOfLastMention({ mentions }: Name, words: number): number {
  return thirdOf(mentions[mentions.length - 1], words);
}

/** The names of a story in two parts. */
interface PartedNames {
  words: number;
  early: Name[];
  late: Name[];
}

/** @param stories each with an early name */
function keptFirstName(
  stories: readonly PartedNames[],
  isCounted: (firstName: Name) => boolean,
): KeptFirstName {
  const counted = stories.filter(({ early }) => isCounted(early[0]));
  return { stories: counted.length, inLastThird: share(counted, keepsFirstName) };
}

function keepsFirstName({ early, words }: PartedNames): boolean {
  return thirdOfLastMention(early[0], words) === 2;
}

function partNames({ names, words }: StoryNames): PartedNames {
  const isEarly = ({ mentions }: Name) => thirdOf(mentions[0], words) === 0;
  return { words, early: names.filter(isEarly), late: names.filter((name) => !isEarly(name)) };
}

function countLaterMentions(names: Name[], words: number): number {
  return names.reduce(
    (sum, { mentions }) => sum + mentions.filter((place) => thirdOf(place, words) > 0).length,
    0,
  );
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number | null {
  return mean(items, (item) => (holds(item) ? 1 : 0)) ?? null;
}
