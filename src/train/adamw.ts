import type { ModelConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';

/** Settings of AdamW (Loshchilov and Hutter, 2019); FlashLM's own values. */
const BETA_1 = 0.9;
const BETA_2 = 0.95;
const EPSILON = 1e-8;
const WEIGHT_DECAY = 0.01;

/** AdamW over the flat parameter vector. Norm weights are not decayed. */
export class AdamW {
  /** Running mean of the gradient, [total]. */
  readonly firstMoment: Float32Array;
  /** Running mean of its square, [total]. */
  readonly secondMoment: Float32Array;
  private readonly parts: { offset: number; end: number; decay: number }[];

  constructor(config: ModelConfig) {
    const { parameters, total } = parameterLayout(config);
    this.firstMoment = new Float32Array(total);
    this.secondMoment = new Float32Array(total);
    this.parts = parameters.map(({ offset, size, shape }) => ({
      offset,
      end: offset + size,
      decay: shape.length > 1 ? WEIGHT_DECAY : 0,
    }));
  }

  /**
   * One update, in place.
   * @param step counts from 1
   * @param gradientScale factor from clipping
   */
  update(
    parameters: Float32Array,
    gradient: Float32Array,
    step: number,
    learningRate: number,
    gradientScale: number,
  ): void {
    const { firstMoment, secondMoment } = this;
    const stepSize = learningRate / (1 - BETA_1 ** step);
    const correction = 1 / Math.sqrt(1 - BETA_2 ** step);
    for (const { offset, end, decay } of this.parts) {
      const keep = 1 - learningRate * decay;
      for (let i = offset; i < end; i++) {
        const g = gradient[i] * gradientScale;
        const m = BETA_1 * firstMoment[i] + (1 - BETA_1) * g;
        const v = BETA_2 * secondMoment[i] + (1 - BETA_2) * g * g;
        firstMoment[i] = m;
        secondMoment[i] = v;
        parameters[i] = parameters[i] * keep - (stepSize * m) / (Math.sqrt(v) * correction + EPSILON);
      }
    }
  }
}

/** Euclidean norm, accumulated in double precision. */
export function norm(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}
