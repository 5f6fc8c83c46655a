/**
 * The primitives of docs/arithmetic.md once more, with integers of any size, written down from the page and not
 * from src/integer. Every function checks the range that the page states, so a broken bound is an error here
 * where 32-bit numbers would wrap.
 */

const TWO_TO_30 = 1n << 30n;

export function requireWithin(value: bigint, least: bigint, largest: bigint, what: string): bigint {
  if (value < least || value > largest) {
    throw new RangeError(`${what} is ${value}, outside ${least}..${largest}`);
  }
  return value;
}

export function requireMagnitude(value: bigint, limit: bigint, what: string): bigint {
  return requireWithin(value, -limit, limit, what);
}

function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

export function exactBitLength(x: bigint): bigint {
  return x === 0n ? 0n : BigInt(x.toString(2).length);
}

/** floor(x / 2^s + 1/2) */
export function exactRoundShift(x: bigint, s: bigint): bigint {
  requireMagnitude(x, TWO_TO_30, 'x of round_shift');
  if (s < 0n) {
    throw new RangeError(`round_shift by ${s}`);
  }
  return s >= 31n ? 0n : floorDivide(2n * x + (1n << s), 2n << s);
}

export function exactClamp(x: bigint, limit: bigint): bigint {
  return x < -limit ? -limit : x > limit ? limit : x;
}

/** x / 2^s, rounded, within the limit: a left shift that passes the limit saturates. */
export function exactScaleShift(x: bigint, s: bigint, limit: bigint): bigint {
  requireMagnitude(x, TWO_TO_30, 'x of scale_shift');
  if (s >= 0n) {
    return exactClamp(exactRoundShift(x, s), limit);
  }
  const n = -s < 30n ? -s : 30n;
  const magnitude = x < 0n ? -x : x;
  if (magnitude > limit >> n) {
    return x < 0n ? -limit : limit;
  }
  return requireMagnitude(x * (1n << n), limit, 'shifted x');
}

export function exactFractionMultiply(x: bigint, m: bigint): bigint {
  requireWithin(x, -(1n << 31n), (1n << 32n) - 1n, 'x of fraction_multiply');
  requireWithin(m, 0n, 65535n, 'm of fraction_multiply');
  return floorDivide(x * m, 65536n);
}

export function exactSqrt(x: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << 15n; bit > 0n; bit >>= 1n) {
    const candidate = root + bit;
    if (candidate * candidate <= x) {
      root = candidate;
    }
  }
  return root;
}
