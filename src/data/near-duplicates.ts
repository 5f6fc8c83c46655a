import { wordHashes } from './word-hashes.js';

/**
 * Finds stories that are nearly the same as one before, in memory that is bounded.
 *
 * A story is the set of its runs of five words. MinHash (Broder, 1997) sketches the set: 40 different orders of all runs,
 * and of each order the first run that the story has; two stories agree in a share of these that estimates the share of
 * runs that they have in common, of all runs of both. To find candidates the sketch is read in 8 bands of 5 (locality
 * sensitive hashing: Indyk and Motwani, 1998): a story is compared with the last one that had the same band. Tales begin
 * alike, so that a common band alone means little: the sketches must agree in 6 tenths.
 *
 * Of a sketch 8 bits a run are kept, 40 bytes a story, of the last 4 million stories: of more, some pairs are missed.
 */

const WORDS_IN_RUN = 5;
const BANDS = 8;
const RUNS_IN_BAND = 5;
const SKETCH = BANDS * RUNS_IN_BAND;
/** Runs of two sketches that agree in near duplicates: 6 tenths. */
const AGREEING = 24;
/** Stories that are remembered at most: 160 MiB of sketches, 128 MiB of tables. */
const MOST_STORIES = 1 << 22;
const LEAST_TABLE_BITS = 10;

/** What a story resembles. */
export type Resemblance = 'none' | 'story' | 'held-out';

/** Odd factors that put the runs' hashes in 40 different orders. */
const ORDERS = Uint32Array.from({ length: SKETCH }, (_, index) => mix(index + 1) | 1);

export class NearDuplicates {
  private readonly capacity: number;
  private readonly tableBits: number;
  /** [capacity x SKETCH]: held-out stories first, then a ring of the others. */
  private readonly sketches: Uint8Array;
  /** [bands x 2^tableBits]: 1 + the place of the last story with such a band; 0 where there was none. */
  private readonly tables: Uint32Array;
  private heldOut = 0;
  private others = 0;
  /** Of the story at hand. */
  private readonly minima = new Uint32Array(SKETCH);
  private readonly sketch = new Uint8Array(SKETCH);

  /** @param stories how many will be added, held-out ones included; of more the oldest are forgotten */
  constructor(stories: number) {
    this.capacity = Math.min(MOST_STORIES, Math.max(2, stories));
    this.tableBits = Math.max(LEAST_TABLE_BITS, Math.ceil(Math.log2(this.capacity)));
    this.sketches = new Uint8Array(this.capacity * SKETCH);
    this.tables = new Uint32Array(BANDS << this.tableBits);
  }

  /** Remembers a story that nothing may resemble; before all others. */
  addHeldOut(story: string): void {
    if (this.heldOut === this.capacity - 1) return;
    this.sketchOf(story);
    this.remember(this.heldOut++);
  }

  /** Says whether a story resembles a held-out one, and remembers nothing. */
  resemblesHeldOut(story: string): boolean {
    this.sketchOf(story);
    return this.resemblance() === 'held-out';
  }

  /** Says what a story resembles, and remembers it. */
  add(story: string): Resemblance {
    this.sketchOf(story);
    const resemblance = this.resemblance();
    this.remember(this.heldOut + (this.others++ % (this.capacity - this.heldOut)));
    return resemblance;
  }

  private sketchOf(story: string): void {
    const { minima } = this;
    minima.fill(0xffffffff);
    const words = wordHashes(story);
    const runs = Math.max(1, words.length - WORDS_IN_RUN + 1);
    for (let first = 0; first < runs; first++) {
      const run = hashOfRun(words, first);
      for (let i = 0; i < SKETCH; i++) {
        const rank = Math.imul(run, ORDERS[i]) >>> 0;
        if (rank < minima[i]) minima[i] = rank;
      }
    }
    for (let i = 0; i < SKETCH; i++) this.sketch[i] = mix(minima[i]);
  }

  private resemblance(): Resemblance {
    let found: Resemblance = 'none';
    for (let band = 0; band < BANDS; band++) {
      const entry = this.tables[this.placeOf(band)];
      if (entry === 0 || !this.agreesWith(entry - 1)) continue;
      if (entry <= this.heldOut) return 'held-out';
      found = 'story';
    }
    return found;
  }

  private agreesWith(story: number): boolean {
    let agreeing = 0;
    for (let i = 0; i < SKETCH; i++) if (this.sketches[story * SKETCH + i] === this.sketch[i]) agreeing++;
    return agreeing >= AGREEING;
  }

  private remember(story: number): void {
    this.sketches.set(this.sketch, story * SKETCH);
    for (let band = 0; band < BANDS; band++) {
      const place = this.placeOf(band);
      const isHeldOut = this.tables[place] > 0 && this.tables[place] <= this.heldOut;
      if (!isHeldOut) this.tables[place] = story + 1;
    }
  }

  private placeOf(band: number): number {
    let hash = band + 1;
    for (let i = band * RUNS_IN_BAND; i < (band + 1) * RUNS_IN_BAND; i++) hash = mix(hash ^ this.minima[i]);
    return (band << this.tableBits) + (hash & ((1 << this.tableBits) - 1));
  }
}

function hashOfRun(words: Uint32Array, first: number): number {
  let hash = 0;
  const end = Math.min(first + WORDS_IN_RUN, words.length);
  for (let i = first; i < end; i++) hash = Math.imul(hash ^ words[i], 0x9e3779b1);
  return mix(hash);
}

/** The finalizer of MurmurHash3 (Appleby): every input bit changes half of the output bits. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
