import { FlashlmError } from '../errors.js';
import { fractionMultiply } from './arithmetic.js';
import { expOf } from './tables.js';

export interface SamplingSettings {
  /** Unsigned 32-bit. */
  seed: number;
  /** 0: greedy; else 100..10000. */
  temperatureThousandths: number;
  /** Candidates, 1..64. */
  topK: number;
}

const LARGEST_TOP_K = 64;
const LEAST_TEMPERATURE = 100;
const LARGEST_TEMPERATURE = 10000;
/** 7 in 12 fraction bits: a token that is less than a thousandth as likely as the likeliest is never chosen. */
const TOO_FAR = 28672;

/** Chooses tokens from logits by docs/arithmetic.md, section 8. */
export class Sampler {
  private readonly inverseTemperature: number;
  private readonly topK: number;
  private state: number;

  /** @throws FlashlmError `bad-argument` for a setting out of its range */
  constructor({ seed, temperatureThousandths, topK }: SamplingSettings) {
    requireInteger('seed', seed, 0, 2 ** 32 - 1);
    requireInteger('top-k', topK, 1, LARGEST_TOP_K);
    if (temperatureThousandths !== 0) {
      requireInteger(
        'temperature',
        temperatureThousandths,
        LEAST_TEMPERATURE,
        LARGEST_TEMPERATURE,
        ' thousandths',
      );
    }
    this.inverseTemperature = temperatureThousandths === 0 ? 0 : Math.floor(4096000 / temperatureThousandths);
    this.topK = topK;
    this.state = mix(seed + 0x9e3779b9) || 1;
  }

  /**
   * @param logits [V], 16 fraction bits
   * @returns the chosen token
   */
  sample(logits: Int32Array): number {
    if (this.inverseTemperature === 0) {
      return largestLogits(logits, 1)[0];
    }
    const candidates = largestLogits(logits, this.topK);
    const weights = candidates.map((token) => this.weight(logits[candidates[0]] - logits[token]));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const threshold = fractionMultiply(sum, this.draw() >>> 16);
    let running = 0;
    const chosen = weights.findIndex((weight) => {
      running += weight;
      return running > threshold;
    });
    return candidates[chosen];
  }

  /** exp(-distance / temperature), times 65535, by interpolation in the table; 0 from a certain distance. */
  private weight(distance: number): number {
    const exponent = fractionMultiply(distance, this.inverseTemperature);
    return exponent < TOO_FAR ? expOf(exponent) : 0;
  }

  /** xorshift32 */
  private draw(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }
}

/** murmur3's finaliser, on the number modulo 2^32. */
function mix(seed: number): number {
  let x = seed | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return x >>> 0;
}

/** Tokens of the `count` largest logits, in order of falling logit; on a tie, of rising id. */
function largestLogits(logits: Int32Array, count: number): number[] {
  const best: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token];
    if (best.length === count && logit <= logits[best[count - 1]]) {
      continue;
    }
    let place = best.length;
    while (place > 0 && logit > logits[best[place - 1]]) {
      place--;
    }
    best.splice(place, 0, token);
    best.length = Math.min(best.length, count);
  }
  return best;
}

function requireInteger(what: string, value: number, least: number, largest: number, unit = ''): void {
  if (!Number.isInteger(value) || value < least || value > largest) {
    throw new FlashlmError(
      'bad-argument',
      `The ${what} ${value} is out of range.`,
      `Use a whole number from ${least} to ${largest}${unit}.`,
    );
  }
}
