/** A word as it stands in a text. */
export interface Word {
  text: string;
  /** What lies between the word before and this one; null where there is no word before. */
  gap: string | null;
}

/** Letters and digits; an apostrophe or a hyphen between two of them belongs to the word: "don't", "hide-and-seek". */
const WORD = /[\p{L}\p{N}]+(?:['\u2019-][\p{L}\p{N}]+)*/gu;

/** The words of a text in order, without punctuation. */
export function wordsOf(text: string): Word[] {
  let end: number | null = null;
  return Array.from(text.matchAll(WORD), (match) => {
    const gap = end === null ? null : text.slice(end, match.index);
    end = match.index + match[0].length;
    return { text: match[0], gap };
  });
}
