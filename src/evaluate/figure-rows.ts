import type { StoryFigures } from './story-figures.js';

/** Figures of a model's stories, beside those of real ones. */
export interface StoryComparison {
  model: StoryFigures;
  /** null where there are no real stories to compare with. */
  real: StoryFigures | null;
}

/** A figure by its name, and how it is written. */
interface Row {
  title: string;
  value: (figures: StoryFigures) => number | null;
  write: (value: number) => string;
}

const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
const decimal = (digits: number) => (value: number) => value.toFixed(digits);
const count = (value: number) => value.toLocaleString('en-US');

const ROWS: readonly Row[] = [
  { title: 'stories', value: ({ stories }) => stories, write: count },
  { title: 'words in a story', value: ({ wordsPerStory }) => wordsPerStory, write: decimal(0) },
  { title: 'stories that end within the tokens', value: ({ ended }) => ended, write: percent },
  ...[1, 2, 3, 4].map(
    (n): Row => ({
      title: `distinct-${n}`,
      value: ({ repetition }) => repetition[`distinct${n as 1 | 2 | 3 | 4}`],
      write: percent,
    }),
  ),
  {
    title: 'longest repeated span: words, mean',
    value: ({ repetition }) => repetition.longestRepeat.mean,
    write: decimal(1),
  },
  {
    title: '- in the tenth that repeats most, at least',
    value: ({ repetition }) => repetition.longestRepeat.p90,
    write: decimal(1),
  },
  {
    title: 'stories of 100 words or more',
    value: ({ repetitionIn100Words }) => repetitionIn100Words.stories,
    write: count,
  },
  ...[1, 2, 3, 4].map(
    (n): Row => ({
      title: `- their first 100 words: distinct-${n}`,
      value: ({ repetitionIn100Words }) => repetitionIn100Words[`distinct${n as 1 | 2 | 3 | 4}`],
      write: percent,
    }),
  ),
  {
    title: '- their first 100 words: longest repeated span, mean',
    value: ({ repetitionIn100Words }) => repetitionIn100Words.longestRepeat.mean,
    write: decimal(1),
  },
  { title: 'stories with a name', value: ({ names }) => names.storiesWithNames, write: percent },
  { title: 'different names in a story', value: ({ names }) => names.namesPerStory, write: decimal(2) },
  {
    title: 'stories with a name in the first third',
    value: ({ names }) => names.storiesWithEarlyNames,
    write: count,
  },
  {
    title: '- whose first name is in the last third',
    value: ({ names }) => names.firstNameInLastThird,
    write: percent,
  },
  {
    title: '- - of those whose first name the real stories have too',
    value: ({ names }) => names.firstNameKnown?.inLastThird ?? null,
    write: percent,
  },
  {
    title: '- - of those whose first name no real story has',
    value: ({ names }) => names.firstNameUnknown?.inLastThird ?? null,
    write: percent,
  },
  {
    title: '- whose early names all come again after the first third',
    value: ({ names }) => names.earlyNamesMentionedAgain,
    write: percent,
  },
  {
    title: 'mentions after the first third that are of early names',
    value: ({ names }) => names.laterMentionsOfEarlyNames,
    write: percent,
  },
  {
    title: 'new names after the first third, per story',
    value: ({ names }) => names.lateNamesPerStory,
    write: decimal(2),
  },
];

/** A table of all figures; the first row holds the titles of the columns. "-" where there is nothing to count. */
export function figureRows(model: string, { model: told, real }: StoryComparison): string[][] {
  const columns = real === null ? [told] : [told, real];
  return [
    ['', model, ...(real === null ? [] : ['real stories'])],
    ...ROWS.map(({ title, value, write }) => [
      title,
      ...columns.map((figures) => {
        const figure = value(figures);
        return figure === null ? '-' : write(figure);
      }),
    ]),
  ];
}
