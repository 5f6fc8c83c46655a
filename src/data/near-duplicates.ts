/**
 * Finds stories that are nearly the same as one before, in memory that does not grow.
 *
 * A story is the set of its runs of five words. One-permutation MinHash (Li, Owen and Zhang, 2012) sketches the set: each
 * run's hash falls into one of 40 bins, and each bin keeps its smallest. The bins are read in 8 bands of 5; two stories
 * that agree in a whole band are taken for near duplicates: a share s of common runs is found with a probability of
 * 1 - (1 - s^5)^8, so 0.9 in 999 of 1000 cases, 0.8 in 96 of 100, 0.3 in 2 of 100.
 *
 * Each band remembers fingerprints in a table of fixed size in which a newer one replaces an older one: of millions of
 * stories some pairs are missed, none is made up but for 1 in 2^32.
 */

const WORDS_IN_RUN = 5;
const BANDS = 8;
const BINS_IN_BAND = 5;
const BINS = BANDS * BINS_IN_BAND;
const TABLE_BITS = 22;
const EMPTY = 0xffffffff;

/** What a story resembles. */
export type Resemblance = 'none' | 'story' | 'held-out';

export class NearDuplicates {
  /** [bands x 2^TABLE_BITS] fingerprints; 0 where nothing was kept yet. */
  private readonly fingerprints = new Uint32Array(BANDS << TABLE_BITS);
  /** Beside each whether it is a held-out story's, which is never replaced. */
  private readonly isHeldOut = new Uint8Array(BANDS << TABLE_BITS);
  private readonly sketch = new Uint32Array(BINS);

  /** Remembers a story that nothing may resemble. */
  addHeldOut(story: string): void {
    this.fillSketch(story);
    for (let band = 0; band < BANDS; band++) {
      const { place, fingerprint } = this.bandOf(band);
      this.fingerprints[place] = fingerprint;
      this.isHeldOut[place] = 1;
    }
  }

  /** Says what a story resembles, and remembers it. */
  add(story: string): Resemblance {
    this.fillSketch(story);
    let resemblance: Resemblance = 'none';
    for (let band = 0; band < BANDS; band++) {
      const { place, fingerprint } = this.bandOf(band);
      if (this.fingerprints[place] === fingerprint) {
        if (this.isHeldOut[place] === 1) resemblance = 'held-out';
        else if (resemblance === 'none') resemblance = 'story';
      } else if (this.isHeldOut[place] === 0) {
        this.fingerprints[place] = fingerprint;
      }
    }
    return resemblance;
  }

  private fillSketch(story: string): void {
    const { sketch } = this;
    sketch.fill(EMPTY);
    const words = story.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [story];
    const hashes = words.map(hashOf);
    const runs = Math.max(1, hashes.length - WORDS_IN_RUN + 1);
    for (let first = 0; first < runs; first++) {
      let hash = 0;
      for (let i = first; i < Math.min(first + WORDS_IN_RUN, hashes.length); i++)
        hash = mix(hash ^ hashes[i]);
      const bin = hash % BINS;
      const value = mix(hash + 1);
      if (value < sketch[bin]) sketch[bin] = value;
    }
    // An empty bin borrows from the next full one (Shrivastava and Li, 2014), told apart by the distance.
    const full = sketch.slice();
    for (let bin = 0; bin < BINS; bin++) {
      let distance = 0;
      while (distance < BINS && full[(bin + distance) % BINS] === EMPTY) distance++;
      if (distance > 0) sketch[bin] = mix(full[(bin + distance) % BINS] ^ distance);
    }
  }

  private bandOf(band: number): { place: number; fingerprint: number } {
    let hash = band + 1;
    for (let i = 0; i < BINS_IN_BAND; i++) hash = mix(hash ^ this.sketch[band * BINS_IN_BAND + i]);
    const place = (band << TABLE_BITS) + (mix(hash + 7) & ((1 << TABLE_BITS) - 1));
    return { place, fingerprint: hash === 0 ? 1 : hash };
  }
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3 (Appleby): every input bit changes half of the output bits. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
