/**
 * A text without end lines is cut when it gets longer than this, in UTF-16 units. Its tokens then fit in a shard even if
 * each of its bytes is one.
 */
export const LONGEST_STORY = 2 << 20;

/** Where a long text may be cut, best first. */
const BREAKS = ['\n\n', '\n', ' '];

/**
 * Cuts a text into parts of at most LONGEST_STORY: at the end of a paragraph, else of a line, else of a word.
 * @returns the text itself where it is short
 */
export function cutLongStory(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > LONGEST_STORY) {
    const end = goodEnd(rest);
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  parts.push(rest);
  return parts;
}

function goodEnd(text: string): number {
  for (const pause of BREAKS) {
    const end = text.lastIndexOf(pause, LONGEST_STORY - pause.length) + pause.length;
    // A break in the first half would leave a stub.
    if (end > LONGEST_STORY / 2) return end;
  }
  const last = text.charCodeAt(LONGEST_STORY - 1);
  const isHighSurrogate = last >= 0xd800 && last < 0xdc00;
  return isHighSurrogate ? LONGEST_STORY - 1 : LONGEST_STORY;
}
