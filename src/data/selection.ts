import { HashSet } from './hash-set.js';
import { NearDuplicates } from './near-duplicates.js';
import { storyHash } from './story-hash.js';
import type { Manifest } from './token-shards.js';

export interface SelectionRequest {
  heldOut: string[];
  /** Whether the held-out stories come from the data itself. */
  heldOutIsAmongData: boolean;
  /** Whether near duplicates are left out. */
  leaveOutNear: boolean;
  /** How many stories there are, about. */
  stories: number;
}

/** Decides which stories are trained on, and counts the others. */
export class Selection {
  readonly duplicates: Manifest['duplicates'];
  private readonly seen = new HashSet();
  private readonly heldOut: Set<number>;
  /** Held-out stories that have not been met among the data yet: the first meeting is no duplicate. */
  private readonly unmet: Set<number>;
  private readonly near: NearDuplicates;

  constructor({ heldOut, heldOutIsAmongData, leaveOutNear, stories }: SelectionRequest) {
    this.heldOut = new Set(heldOut.map(storyHash));
    this.unmet = new Set(heldOutIsAmongData ? this.heldOut : []);
    this.near = new NearDuplicates(stories + heldOut.length);
    for (const story of heldOut) this.near.addHeldOut(story);
    this.duplicates = { exact: 0, near: 0, nearLeftOut: leaveOutNear, ofHeldOut: { exact: 0, near: 0 } };
  }

  /** Whether a story is, or nearly is, a held-out one. */
  resemblesHeldOut(story: string): boolean {
    return this.heldOut.has(storyHash(story)) || this.near.resemblesHeldOut(story);
  }

  /** Whether the next story is trained on. */
  takes(story: string): boolean {
    const { duplicates } = this;
    const hash = storyHash(story);
    if (this.heldOut.has(hash)) {
      if (!this.unmet.delete(hash)) duplicates.ofHeldOut.exact++;
      return false;
    }
    if (!this.seen.add(hash)) {
      duplicates.exact++;
      return false;
    }
    const resemblance = this.near.add(story);
    if (resemblance === 'held-out') {
      duplicates.ofHeldOut.near++;
      return false;
    }
    if (resemblance === 'none') return true;
    duplicates.near++;
    return !duplicates.nearLeftOut;
  }
}
