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

export function exactSignedMultiply(x: bigint, m: bigint): bigint {
  requireWithin(x, -(1n << 31n), (1n << 31n) - 1n, 'x of signed_multiply');
  requireMagnitude(m, 32767n, 'm of signed_multiply');
  const low = requireWithin((x & 0xffffn) * m, -(1n << 31n), (1n << 31n) - 1n, 'low product');
  requireWithin((x >> 16n) * m, -(1n << 31n), (1n << 31n) - 1n, 'high product');
  const product = floorDivide(x * m, 65536n);
  if (product !== (x >> 16n) * m + (low >> 16n)) {
    throw new RangeError(`the 32-bit form of signed_multiply(${x}, ${m}) differs`);
  }
  return product;
}

/** exp_weight(z) of section 6, by the page's table. */
export function exactExpWeight(z: bigint): bigint {
  requireWithin(z, 0n, (1n << 32n) - 1n, 'z of exp_weight');
  const table = (i: bigint) => BigInt(Math.round(65535 * Math.exp(-Number(i) / 16)));
  const y = z >> 4n;
  if (y >= 65536n) {
    return 0n;
  }
  const i = y >> 8n;
  return table(i) - (((table(i) - table(i + 1n)) * (y & 255n)) >> 8n);
}

/** log_of(W) of section 6, by the page's table. */
export function exactLogOf(W: bigint): bigint {
  requireWithin(W, 1n, (1n << 32n) - 1n, 'W of log_of');
  const table = (i: bigint) => BigInt(Math.round(65536 * Math.log(1 + Number(i) / 256)));
  const n = exactBitLength(W) - 1n;
  const x = (n <= 16n ? W * 2n ** (16n - n) : W / 2n ** (n - 16n)) - 65536n;
  const i = requireWithin(x, 0n, 65535n, 'x of log_of') >> 8n;
  return n * 45426n + table(i) + (((table(i + 1n) - table(i)) * (x & 255n)) >> 8n);
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
