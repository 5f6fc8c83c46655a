const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * The word hash of docs/arithmetic.md, section 8, over signed or unsigned 32-bit words. Changing one word always
 * changes it.
 *
 * @returns an unsigned 32-bit number
 */
export function checksumOf(words: ArrayLike<number>): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i], PRIME);
  }
  return hash >>> 0;
}
