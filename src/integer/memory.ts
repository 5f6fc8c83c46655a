import type { ModelConfig } from '../model/config.js';
import { bitLength, fractionMultiply, roundShift, signedMultiply } from './arithmetic.js';
import type { IntegerBlock } from './model.js';
import { sigmoid } from './tables.js';

const LARGEST_SHARE = 65535;

/** k of docs/arithmetic.md: bits that convolved values lose, so that the sum of a head's slots stays in range. */
export function memoryShift(slots: number): number {
  return bitLength(slots - 1);
}

/** What one block's memory holds, and how a token goes through it: docs/arithmetic.md, "with memory". */
export class BlockMemory {
  /** S [d x n]: of each channel, the slots of its head */
  private readonly contents: Int32Array;
  private readonly slots: number;
  private readonly width: number;
  private readonly shift: number;
  /** w [m]: how far each slot moves, 16 fraction bits */
  private readonly shares: Int32Array;

  constructor(dimension: number, { heads, slots }: NonNullable<ModelConfig['memory']>) {
    this.contents = new Int32Array(dimension * slots);
    this.slots = slots;
    this.width = dimension / heads;
    this.shift = memoryShift(slots);
    this.shares = new Int32Array(heads * slots);
  }

  /** Forgets every token. */
  reset(): void {
    this.contents.fill(0);
  }

  /**
   * Takes in one token.
   *
   * @param convolved c [d]
   * @param reads [m] and `writes` [m], of which `block` has the fraction bits and biases
   * @param mixed [d], receives o
   */
  mix(
    { writeBias, mixerFractionBits }: Pick<IntegerBlock, 'writeBias' | 'mixerFractionBits'>,
    convolved: Int32Array,
    reads: Int32Array,
    writes: Int32Array,
    mixed: Int32Array,
  ): void {
    const { contents, slots, width, shares } = this;
    for (let slot = 0; slot < shares.length; slot++) {
      const open = sigmoid(writes[slot] + writeBias[slot], mixerFractionBits);
      shares[slot] = Math.min(LARGEST_SHARE, 2 * open);
    }
    let place = 0;
    for (let channel = 0; channel < convolved.length; channel++) {
      const firstSlot = Math.floor(channel / width) * slots;
      const value = convolved[channel] >> this.shift;
      let sum = roundShift(value, 16 - mixerFractionBits);
      for (let slot = firstSlot; slot < firstSlot + slots; slot++) {
        const content = contents[place] + fractionMultiply(value - contents[place], shares[slot]);
        contents[place] = content;
        sum += signedMultiply(content, reads[slot]);
        place++;
      }
      mixed[channel] = sum;
    }
  }
}
