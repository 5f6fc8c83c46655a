import type { ModelConfig } from '../model/config.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { Random } from './random.js';

/**
 * Fills a flat parameter vector with initial values.
 * @param flat [total of parameterLayout(config)]
 */
export function initialiseParameters(flat: Float32Array, config: ModelConfig, seed: number): void {
  const random = new Random(seed);
  for (const parameter of parameterLayout(config).parameters) {
    const values = parameterView(flat, parameter);
    const { initial } = parameter;
    if (initial === 'ones') values.fill(1);
    else if (initial === 'newest-tap') newestTap(values, config.kernel, random);
    else if (initial === 'time-scales') timeScales(values, config.memory?.slots ?? 1);
    else if (initial !== 'clusters') {
      for (let i = 0; i < values.length; i++) values[i] = initial * random.normal();
    }
  }
}

const OTHER_TAPS = 0.05;

/** @param taps [d, 1, K], the last tap of each channel meeting the newest token */
function newestTap(taps: Float32Array, kernel: number, random: Random): void {
  for (let i = 0; i < taps.length; i++) {
    taps[i] = OTHER_TAPS * random.normal() + (i % kernel === kernel - 1 ? 1 : 0);
  }
}

/** A slot with bias b keeps about 1 / sigmoid(b) tokens; of each head, the first slot the fewest. */
const FIRST_SLOT_BIAS = -0.5;
const LAST_SLOT_BIAS = -5.5;

function timeScales(biases: Float32Array, slots: number): void {
  for (let i = 0; i < biases.length; i++) {
    const share = slots === 1 ? 0 : (i % slots) / (slots - 1);
    biases[i] = FIRST_SLOT_BIAS + share * (LAST_SLOT_BIAS - FIRST_SLOT_BIAS);
  }
}
