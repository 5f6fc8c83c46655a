/** As many hashes as a set holds at most: 48 million take 512 MiB. */
const LARGEST_TABLE = 2 ** 26;
const SMALLEST_TABLE = 2 ** 10;
const FULL = 0.75;

/**
 * A set of story hashes in 11 to 21 bytes each (a Set takes some 40, and no more than 2^24 of them). Beyond its largest size
 * hashes are forgotten, so that memory stays bounded: of more stories some duplicates are missed.
 */
export class HashSet {
  /** Open addressing, hashes as they are + 1; 0 where there is none. */
  private table = new Float64Array(SMALLEST_TABLE);
  private size = 0;

  /** @param largestTable a power of two */
  constructor(private readonly largestTable = LARGEST_TABLE) {}

  has(hash: number): boolean {
    return this.table[this.placeOf(hash)] === hash + 1;
  }

  /** @returns whether it was not there yet */
  add(hash: number): boolean {
    const place = this.placeOf(hash);
    if (this.table[place] === hash + 1) return false;
    if (this.size >= FULL * this.table.length) {
      if (this.table.length < this.largestTable) {
        this.grow();
        return this.add(hash);
      }
      // An old hash makes room for it, or it is forgotten itself: searches end only where a place is empty.
      const own = hash % this.table.length;
      if (this.table[own] !== 0) this.table[own] = hash + 1;
      return true;
    }
    this.table[place] = hash + 1;
    this.size++;
    return true;
  }

  /** Where a hash lies, or the empty place where it would. */
  private placeOf(hash: number): number {
    const { table } = this;
    let place = hash % table.length;
    while (table[place] !== 0 && table[place] !== hash + 1) place = (place + 1) % table.length;
    return place;
  }

  private grow(): void {
    const old = this.table;
    this.table = new Float64Array(old.length * 2);
    for (const entry of old) if (entry !== 0) this.table[this.placeOf(entry - 1)] = entry;
  }
}
