import { exactFractionMultiply } from './exact-arithmetic.js';

/**
 * Section 8 of docs/arithmetic.md transcribed with integers of any size, independent of src/integer: a full sort
 * instead of a search, and 32-bit words by masks.
 */

const word = (x: bigint) => x & 0xffffffffn;

export class ExactSampler {
  private x: bigint;

  constructor(
    seed: bigint,
    private readonly thousandths: bigint,
    private readonly topK: number,
  ) {
    let x = word(seed + 0x9e3779b9n);
    x ^= x >> 16n;
    x = word(x * 0x85ebca6bn);
    x ^= x >> 13n;
    x = word(x * 0xc2b2ae35n);
    x ^= x >> 16n;
    this.x = x === 0n ? 1n : x;
  }

  sample(logits: number[]): number {
    const ordered = logits
      .map((logit, id) => ({ logit, id }))
      .sort((a, b) => b.logit - a.logit || a.id - b.id);
    if (this.thousandths === 0n) {
      return ordered[0].id;
    }
    const candidates = ordered.slice(0, this.topK);
    const inverse = 4096000n / this.thousandths;
    const weights = candidates.map(({ logit }) => {
      const y = exactFractionMultiply(BigInt(ordered[0].logit) - BigInt(logit), inverse);
      if (y >= 28672n) {
        return 0n;
      }
      const [here, next] = [expEntry(y >> 8n), expEntry((y >> 8n) + 1n)];
      return here - (((here - next) * (y & 255n)) >> 8n);
    });
    const sum = weights.reduce((total, weight) => total + weight, 0n);
    const threshold = exactFractionMultiply(sum, this.draw() >> 16n);
    let running = 0n;
    for (const [i, weight] of weights.entries()) {
      running += weight;
      if (running > threshold) {
        return candidates[i].id;
      }
    }
    throw new RangeError('no candidate was chosen');
  }

  private draw(): bigint {
    this.x = word(this.x ^ (this.x << 13n));
    this.x ^= this.x >> 17n;
    this.x = word(this.x ^ (this.x << 5n));
    return this.x;
  }
}

function expEntry(i: bigint): bigint {
  return BigInt(Math.round(65535 * Math.exp(-Number(i) / 16)));
}

/** The word hash of section 8. */
export function exactChecksum(words: number[]): number {
  return Number(words.reduce((h, x) => word((h ^ word(BigInt(x))) * 0x01000193n), 0x811c9dc5n));
}
