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
    else for (let i = 0; i < values.length; i++) values[i] = initial * random.normal();
  }
}
