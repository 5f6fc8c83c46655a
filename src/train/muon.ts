import tf, { type Tensor2D } from '@tensorflow/tfjs';
import type { OptimizerStep, TrainingVectors } from './training-engine.js';

/** Coefficients of the quintic Newton-Schulz iteration, and how often it runs (Jordan et al., 2024). */
const FIRST = 3.4445;
const THIRD = -4.775;
const FIFTH = 2.0315;
const ITERATIONS = 5;
/** Share of the old momentum that is kept. */
const MOMENTUM = 0.95;
/** Makes an update as large as AdamW usually takes at the same learning rate (Liu et al., 2025). */
const SIZE_OF_ADAMW = 0.2;

/**
 * Muon for the matrices that are its: momentum, in the first moment, whose update is brought near the nearest orthogonal
 * matrix, so that all directions of a matrix learn at the same rate. The readable form of native/muon.c.
 */
export function updateWithMuon(vectors: TrainingVectors, { gradientScale, groups }: OptimizerStep): void {
  let offset = 0;
  for (const { end, learningRate, weightDecay, muon } of groups) {
    if (muon !== null) {
      const ahead = lookAhead(vectors, offset, end, gradientScale);
      const update = orthogonalise(ahead, muon);
      const stepSize = learningRate * SIZE_OF_ADAMW * Math.sqrt(Math.max(...muon));
      const keep = 1 - learningRate * weightDecay;
      const weights = vectors.parameters.subarray(offset, end);
      for (let i = 0; i < weights.length; i++) weights[i] = weights[i] * keep - stepSize * update[i];
    }
    offset = end;
  }
}

/** Takes the gradient into the momentum; returns Nesterov's look ahead. */
function lookAhead(vectors: TrainingVectors, begin: number, end: number, scale: number): Float32Array {
  const momentum = vectors.firstMoment.subarray(begin, end);
  const gradient = vectors.gradient.subarray(begin, end);
  return Float32Array.from(gradient, (value, i) => {
    momentum[i] = MOMENTUM * momentum[i] + (1 - MOMENTUM) * value * scale;
    return MOMENTUM * momentum[i] + (1 - MOMENTUM) * value * scale;
  });
}

/** Brings the singular values of a matrix [rows, columns] near 1: X = a X + (b S + c S S) X with S = X X^T. */
function orthogonalise(values: Float32Array, [rows, columns]: [number, number]): Float32Array {
  return tf.tidy(() => {
    const matrix = tf.tensor2d(values, [rows, columns]);
    const isTall = rows > columns;
    let x: Tensor2D = isTall ? tf.transpose(matrix) : matrix;
    x = tf.div(x, tf.add(tf.norm(x), 1e-20));
    for (let i = 0; i < ITERATIONS; i++) {
      const square = tf.matMul(x, tf.transpose(x));
      const polynomial = tf.add(tf.mul(THIRD, square), tf.mul(FIFTH, tf.matMul(square, square))) as Tensor2D;
      x = tf.add(tf.mul(FIRST, x), tf.matMul(polynomial, x));
    }
    return (isTall ? tf.transpose(x) : x).dataSync() as Float32Array;
  });
}
