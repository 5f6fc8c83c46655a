import type { IntegerModel } from '../../src/integer/model.js';

function roundHalfUp(x: bigint, shift: bigint): bigint {
  return shift === 0n ? x : (x + (1n << (shift - 1n))) >> shift;
}

/**
 * One logit of a model without clusters by docs/arithmetic.md, section 6, in numbers of any length.
 *
 * @param exponent of the activations
 */
export function exactLogit(
  model: IntegerModel,
  activations: Int16Array,
  exponent: number,
  token: number,
): number {
  const d = activations.length;
  let sum = 0;
  for (let i = 0; i < d; i++) sum += model.embedding[token * d + i] * activations[i];
  const wide = BigInt(sum) << BigInt(model.headLeftShift);
  const x = (wide * BigInt(model.embeddingMultiplier[token])) >> 16n;
  const shift = model.headRightShift - exponent;
  const shifted = shift >= 31 ? 0n : shift >= 0 ? roundHalfUp(x, BigInt(shift)) : x << BigInt(-shift);
  const limit = 1n << 30n;
  return Number(shifted > limit ? limit : shifted < -limit ? -limit : shifted);
}
