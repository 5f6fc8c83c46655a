import type { ImageSection } from '../image/format.js';
import { alignUp } from '../image/format.js';

/** Which part of an image the firmware copies into RAM before a story begins: firmware/core/stage.h. */
export interface Staging {
  /** Offset in the image where it begins. */
  from: number;
  /** Its length in bytes, a multiple of 16; 0 where nothing is copied. */
  bytes: number;
  /** For people. */
  description: string;
}

/**
 * The longest row of consecutive sections of blocks that fits. A token reads each of them once, so none is worth more
 * than another. (A stage of a screen is no block, and a token reads little of most of them.)
 *
 * @param ramBytes that it may take
 */
export function chooseStaging(sections: ImageSection[], ramBytes: number): Staging {
  const ofBlocks = sections.filter(({ name, block }) => block >= 0 && name !== 'screen_stage');
  const rows = ofBlocks.flatMap((first, index) =>
    ofBlocks.slice(index).map((last) => ({ first, last, bytes: lengthOf(first, last) })),
  );
  const longest = rows
    .filter(({ bytes }) => bytes <= ramBytes)
    .reduce<(typeof rows)[number] | null>((best, row) => (row.bytes > (best?.bytes ?? 0) ? row : best), null);
  if (longest === null) return { from: 0, bytes: 0, description: 'nothing' };
  const { first, last, bytes } = longest;
  return { from: first.offset, bytes, description: `${titleOf(first)} to ${titleOf(last)}` };
}

function lengthOf(first: ImageSection, last: ImageSection): number {
  return alignUp(last.offset + last.bytes) - first.offset;
}

function titleOf({ name, block }: ImageSection): string {
  return `${name} of block ${block}`;
}
