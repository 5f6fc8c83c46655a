/** FNV-1a over UTF-16 units, 32 bits (Fowler, Noll and Vo). */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The words of a text as hashes: runs of letters and digits, without case. An apostrophe parts words, and so does every
 * other sign; outside of ASCII only Unicode's blocks of general punctuation and of Latin-1 and CJK signs count as signs.
 * A text of nothing but signs is one word.
 */
export function wordHashes(text: string): Uint32Array {
  const lower = text.toLowerCase();
  const words = new Uint32Array((lower.length + 1) >> 1);
  let count = 0;
  let hash = FNV_OFFSET;
  let inWord = false;
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    if (isPartOfWord(unit)) {
      hash = Math.imul(hash ^ unit, FNV_PRIME);
      inWord = true;
    } else if (inWord) {
      words[count++] = hash;
      hash = FNV_OFFSET;
      inWord = false;
    }
  }
  if (inWord) words[count++] = hash;
  if (count === 0) return Uint32Array.of(hashOfAll(lower));
  return words.subarray(0, count);
}

function hashOfAll(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

function isPartOfWord(unit: number): boolean {
  if (unit < 0x80) return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
  if (unit < 0xc0) return false;
  return !(unit >= 0x2000 && unit <= 0x206f) && !(unit >= 0x3000 && unit <= 0x303f);
}
