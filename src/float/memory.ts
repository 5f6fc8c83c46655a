import type { ModelConfig } from '../model/config.js';
import { sigmoid } from './sigmoid.js';

/** What one block's memory holds, and how a token goes through it: docs/arithmetic.md, "memory". */
export class BlockMemory {
  /** S [d x n]: of each channel, the slots of its head */
  private readonly contents: Float64Array;
  private readonly slots: number;
  private readonly width: number;
  /** w [m]: how far each slot moves, 0..1 */
  private readonly shares: Float64Array;

  /** @param writeBias [m] */
  constructor(
    dimension: number,
    { heads, slots }: NonNullable<ModelConfig['memory']>,
    private readonly writeBias: Float32Array,
  ) {
    this.contents = new Float64Array(dimension * slots);
    this.slots = slots;
    this.width = dimension / heads;
    this.shares = new Float64Array(heads * slots);
  }

  /** Forgets every token. */
  reset(): void {
    this.contents.fill(0);
  }

  /**
   * Takes in one token.
   *
   * @param values [d], convolved; what is read from the memory is added
   * @param reads [m]
   * @param writes [m]
   */
  mix(values: Float64Array, reads: Float64Array, writes: Float64Array): void {
    const { contents, slots, width, shares, writeBias } = this;
    for (let slot = 0; slot < shares.length; slot++) shares[slot] = sigmoid(writes[slot] + writeBias[slot]);
    let place = 0;
    for (let channel = 0; channel < values.length; channel++) {
      const firstSlot = Math.floor(channel / width) * slots;
      const value = values[channel];
      for (let slot = firstSlot; slot < firstSlot + slots; slot++) {
        contents[place] += shares[slot] * (value - contents[place]);
        values[channel] += reads[slot] * contents[place];
        place++;
      }
    }
  }
}
