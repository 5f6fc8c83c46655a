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
 * The longest row of consecutive sections of blocks that fits, or a shorter one that is long enough. A token reads each
 * of them once, so none is worth more than another. (A stage of a screen is no block, and a token reads little of most
 * of them.)
 *
 * @param ramBytes that it may take
 * @param enoughBytes beyond which more is no gain; left out, there is no such limit
 */
export function chooseStaging(
  sections: ImageSection[],
  ramBytes: number,
  enoughBytes = Number.POSITIVE_INFINITY,
): Staging {
  if (enoughBytes === 0) return NOTHING;
  const ofBlocks = sections.filter(({ name, block }) => block >= 0 && name !== 'screen_stage');
  const rows = ofBlocks.flatMap((first, index) =>
    ofBlocks.slice(index).map((last) => ({ first, last, bytes: lengthOf(first, last) })),
  );
  const fitting = rows.filter(({ bytes }) => bytes <= ramBytes).sort((a, b) => a.bytes - b.bytes);
  const longest = fitting[fitting.length - 1];
  if (longest === undefined) return NOTHING;
  const chosen = fitting.find(({ bytes }) => bytes >= Math.min(enoughBytes, longest.bytes)) ?? longest;
  const { first, last, bytes } = chosen;
  return { from: first.offset, bytes, description: `${titleOf(first)} to ${titleOf(last)}` };
}

const NOTHING: Staging = { from: 0, bytes: 0, description: 'nothing' };

function lengthOf(first: ImageSection, last: ImageSection): number {
  return alignUp(last.offset + last.bytes) - first.offset;
}

function titleOf({ name, block }: ImageSection): string {
  return `${name} of block ${block}`;
}
