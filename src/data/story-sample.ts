import { HASH_RANGE } from './story-hash.js';

/**
 * Some of any number of stories, chosen by their hashes: those below a threshold, which is halved whenever they get too
 * many. Which ones are left depends neither on the order in which they came nor on how often.
 */
export class StorySample {
  private threshold = HASH_RANGE;
  private readonly stories = new Map<number, string>();
  private characters = 0;

  /**
   * @param mostStories kept at a time; about half of that or more are left of many
   * @param mostCharacters kept at a time, in UTF-16 units; one story may be longer
   */
  constructor(
    private readonly mostStories: number,
    private readonly mostCharacters: number,
  ) {}

  offer(hash: number, story: string): void {
    if (hash >= this.threshold || this.stories.has(hash)) return;
    this.stories.set(hash, copyOf(story));
    this.characters += story.length;
    while (this.isTooLarge()) this.halve();
  }

  /** In order of their hashes. */
  smallestFirst(): [hash: number, story: string][] {
    return [...this.stories].sort(([a], [b]) => a - b);
  }

  private isTooLarge(): boolean {
    const { size } = this.stories;
    return size > this.mostStories || (this.characters > this.mostCharacters && size > 1);
  }

  private halve(): void {
    this.threshold /= 2;
    for (const [hash, story] of this.stories) {
      if (hash < this.threshold) continue;
      this.stories.delete(hash);
      this.characters -= story.length;
    }
  }
}

/** A story of its own: a part of a string would keep alive the megabyte that it was read with. */
function copyOf(story: string): string {
  return Buffer.from(story).toString();
}
