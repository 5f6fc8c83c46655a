/**
 * 52 bits that name a story where only equality matters; any white space counts as one space. Among 50 million stories two
 * different ones share a name with a probability of about one in four, which costs one story. A checksum of cryptography
 * would take a third of the time of preparing stories.
 */
export function storyHash(story: string): number {
  let high = 0x243f6a88;
  let low = 0x85a308d3;
  let wasSpace = false;
  for (let i = 0; i < story.length; i++) {
    let unit = story.charCodeAt(i);
    const isSpace = unit <= 0x20 || unit === 0xa0;
    if (isSpace && wasSpace) continue;
    wasSpace = isSpace;
    if (isSpace) unit = 0x20;
    // Two multiplicative hashes that treat a unit differently, so that what collides in one does not in the other.
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul((low << 5) ^ (low >>> 27) ^ unit, 0x9e3779b1);
  }
  const top = finish(high ^ Math.imul(low, 0x85ebca6b)) & 0xfffff;
  return top * 2 ** 32 + finish(low ^ Math.imul(high, 0xc2b2ae35));
}

/** Names are below this. */
export const HASH_RANGE = 2 ** 52;

/** Every bit of the input changes about half of the output's (the finalizer of MurmurHash3, Appleby). */
function finish(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
