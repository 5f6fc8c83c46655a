import { END_OF_STORY, type Tokenizer } from '../tokenizer/tokenizer.js';
import { Random } from './random.js';

/** Encodes stories; each begins with END_OF_STORY, as generation does. */
export function encodeStories(stories: string[], tokenizer: Tokenizer): Uint16Array[] {
  return stories.map((story) => {
    const tokens = tokenizer.encode(story);
    const withBeginning = new Uint16Array(tokens.length + 1);
    withBeginning[0] = END_OF_STORY;
    withBeginning.set(tokens, 1);
    return withBeginning;
  });
}

/**
 * An endless stream of training windows. In each epoch the stories are shuffled (repeatably, from the seed) and laid
 * end to end; windows of `context + 1` tokens overlap by one, so that every token is predicted once an epoch.
 */
export class TokenStream {
  private epoch = -1;
  private nextWindow = 0;
  private readonly stream: Int32Array;
  private readonly windowsInEpoch: number;

  /** @param position windows handed out before, to resume */
  constructor(
    private readonly stories: Uint16Array[],
    private readonly context: number,
    private readonly seed: number,
    position = 0,
  ) {
    const tokens = stories.reduce((sum, story) => sum + story.length, 0);
    // A text shorter than one window is repeated to fill it.
    this.stream = new Int32Array(Math.max(tokens, context + 1));
    this.windowsInEpoch = Math.max(1, Math.floor((tokens - 1) / context));
    this.startEpoch(Math.floor(position / this.windowsInEpoch));
    this.nextWindow = position % this.windowsInEpoch;
  }

  /** Windows handed out so far. */
  get position(): number {
    return this.epoch * this.windowsInEpoch + this.nextWindow;
  }

  /** @returns [sequences x (context + 1)] token ids */
  nextBatch(sequences: number): Int32Array {
    const length = this.context + 1;
    const batch = new Int32Array(sequences * length);
    for (let sequence = 0; sequence < sequences; sequence++) {
      if (this.nextWindow === this.windowsInEpoch) this.startEpoch(this.epoch + 1);
      const start = this.nextWindow++ * this.context;
      batch.set(this.stream.subarray(start, start + length), sequence * length);
    }
    return batch;
  }

  private startEpoch(epoch: number): void {
    const order = Uint32Array.from(this.stories, (_, index) => index);
    new Random(this.seed + epoch).shuffle(order);
    let end = 0;
    while (end < this.stream.length) {
      for (const index of order) {
        if (end === this.stream.length) break;
        const room = this.stream.length - end;
        const story = this.stories[index].subarray(0, room);
        this.stream.set(story, end);
        end += story.length;
      }
    }
    this.epoch = epoch;
    this.nextWindow = 0;
  }
}
