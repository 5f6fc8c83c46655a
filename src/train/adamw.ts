import { BETA_1, BETA_2, EPSILON, type OptimizerStep, type TrainingVectors } from './training-engine.js';

/** One step of AdamW over the flat vectors, in place; groups of Muon's are left out. */
export function updateWithAdamW(
  vectors: TrainingVectors,
  { step, gradientScale, groups }: OptimizerStep,
): void {
  const { parameters, gradient, firstMoment, secondMoment } = vectors;
  const correction = 1 / Math.sqrt(1 - BETA_2 ** step);
  let begin = 0;
  for (const { end, learningRate, weightDecay, muon } of groups) {
    const stepSize = learningRate / (1 - BETA_1 ** step);
    const keep = 1 - learningRate * weightDecay;
    for (let i = begin; muon === null && i < end; i++) {
      const g = gradient[i] * gradientScale;
      const m = BETA_1 * firstMoment[i] + (1 - BETA_1) * g;
      const v = BETA_2 * secondMoment[i] + (1 - BETA_2) * g * g;
      firstMoment[i] = m;
      secondMoment[i] = v;
      parameters[i] = parameters[i] * keep - (stepSize * m) / (Math.sqrt(v) * correction + EPSILON);
    }
    begin = end;
  }
}

/** Euclidean norm, accumulated in double precision. */
export function norm(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}
