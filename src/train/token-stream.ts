import { END_OF_STORY } from '../tokenizer/tokenizer.js';
import { Random } from './random.js';
import type { TokenShard } from './training-data.js';

/**
 * An endless stream of training windows. In each epoch the shards take turns in a shuffled order; the stories of a shard
 * are shuffled and laid end to end (both repeatably, from the seed). Windows of `context + 1` tokens overlap by one, so
 * that every token is predicted once an epoch; a story longer than a window goes on in the next one.
 */
export class TokenStream {
  private readonly windowsOfShard: number[];
  private readonly windowsInEpoch: number;
  /** The shard at hand, shuffled; its place in the epoch and the next window of it. */
  private stream = new Int32Array(0);
  private place = -1;
  private window = 0;
  private epoch = 0;
  private order: number[] = [];

  /** @param position windows handed out before, to resume */
  constructor(
    private readonly shards: TokenShard[],
    private readonly context: number,
    private readonly seed: number,
    private taken = 0,
  ) {
    // A text shorter than one window is repeated to fill it.
    this.windowsOfShard = shards.map(({ tokens }) => Math.max(1, Math.floor((tokens - 1) / context)));
    this.windowsInEpoch = this.windowsOfShard.reduce((sum, windows) => sum + windows, 0);
  }

  /** Windows handed out so far. */
  get position(): number {
    return this.taken;
  }

  /** Passes over the data so far. */
  get epochs(): number {
    return this.taken / this.windowsInEpoch;
  }

  /** @returns [sequences x (context + 1)] token ids */
  async nextBatch(sequences: number): Promise<Int32Array> {
    const length = this.context + 1;
    const batch = new Int32Array(sequences * length);
    for (let sequence = 0; sequence < sequences; sequence++) {
      if (this.place < 0) await this.seek();
      else if (this.window === this.windowsOfShard[this.order[this.place]]) await this.enterNextShard();
      const start = this.window++ * this.context;
      batch.set(this.stream.subarray(start, start + length), sequence * length);
      this.taken++;
    }
    return batch;
  }

  /** Finds the shard and window of `position`. */
  private async seek(): Promise<void> {
    this.beginEpoch(Math.floor(this.taken / this.windowsInEpoch));
    let window = this.taken % this.windowsInEpoch;
    this.place = 0;
    while (window >= this.windowsOfShard[this.order[this.place]]) {
      window -= this.windowsOfShard[this.order[this.place]];
      this.place++;
    }
    await this.loadShard();
    this.window = window;
  }

  private async enterNextShard(): Promise<void> {
    this.place++;
    if (this.place === this.shards.length) {
      this.beginEpoch(this.epoch + 1);
      this.place = 0;
    }
    await this.loadShard();
    this.window = 0;
  }

  private beginEpoch(epoch: number): void {
    this.epoch = epoch;
    const order = Uint32Array.from(this.shards.keys());
    new Random(this.seed + epoch).shuffle(order);
    this.order = Array.from(order);
  }

  /** Lays the stories of the shard at hand end to end, in an order of this epoch's own. */
  private async loadShard(): Promise<void> {
    const shard = this.order[this.place];
    const tokens = await this.shards[shard].read();
    const starts = storyStarts(tokens);
    const order = Uint32Array.from(starts.keys());
    new Random(this.seed + this.epoch * this.shards.length + shard).shuffle(order);
    const stream = new Int32Array(Math.max(tokens.length, this.context + 1));
    let end = 0;
    while (end < stream.length) {
      for (const index of order) {
        const story = tokens.subarray(starts[index], starts[index + 1] ?? tokens.length);
        const fits = story.subarray(0, stream.length - end);
        stream.set(fits, end);
        end += fits.length;
      }
    }
    this.stream = stream;
  }
}

/** Where the stories of a shard begin. */
function storyStarts(tokens: Uint16Array): number[] {
  const starts: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === END_OF_STORY) starts.push(i);
  }
  return starts;
}
