import { bisectLeft } from 'd3-array';

/** Steps between marks of time that people read easily, in minutes. */
export const MINUTE_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds / 60),
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240].map((hours) => hours * 60),
];

/**
 * Round times from 0 to the end, the steps as small as `count` marks allow.
 *
 * @param endMinutes at least 0
 * @returns minutes
 */
export function timeTicks(endMinutes: number, count: number): number[] {
  const step = MINUTE_STEPS.find((minutes) => endMinutes / minutes <= count) ?? endMinutes / count;
  return Array.from({ length: Math.floor(endMinutes / step + 1e-9) + 1 }, (_, i) => i * step);
}

/** Leading digits of marks on a logarithmic scale, the roundest first. */
const LEADING_DIGITS = [1, 5, 2, 3, 4, 7, 6, 8, 9];

/**
 * Round numbers on a logarithmic scale, the roundest first, as many as have room; in order of size.
 *
 * @param scale from a number above 0 to pixels; `domain` holds least and largest number
 * @param room that a label needs, in pixels
 */
export function logarithmicTicks(
  scale: { (value: number): number; domain(): number[] },
  room: number,
): number[] {
  const [least, most] = scale.domain();
  const exponents: number[] = [];
  for (let exponent = Math.floor(Math.log10(least)); 10 ** exponent <= most; exponent++)
    exponents.push(exponent);
  const chosen: number[] = [];
  for (const digit of LEADING_DIGITS) {
    for (const exponent of exponents) {
      const value = digit * 10 ** exponent;
      const hasRoom = chosen.every((other) => Math.abs(scale(other) - scale(value)) >= room);
      if (value >= least && value <= most && hasRoom) chosen.push(value);
    }
  }
  return chosen.sort((a, b) => a - b);
}

/** A time on an axis: "30 s", "5 min", "2 h", "1 h 30". */
export function formatTime(minutes: number): string {
  if (minutes === 0) return '0';
  const seconds = Math.round(minutes * 60);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) {
    const rest = seconds % 60;
    return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest}`;
  }
  const hours = Math.floor(Math.round(minutes) / 60);
  const rest = Math.round(minutes) % 60;
  return rest === 0 ? `${hours} h` : `${hours} h ${String(rest).padStart(2, '0')}`;
}

/** A number of things on an axis, at most four digits: 250000 is "250k", 1.5e9 is "1.5B". */
export function formatAmount(amount: number): string {
  const scales: [number, string][] = [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const [factor, suffix] = scales.find(([scale]) => amount >= scale) ?? [1, ''];
  return `${Number((amount / factor).toPrecision(4))}${suffix}`;
}

/**
 * The y at an x of a piecewise linear curve.
 *
 * @param curve in order of x, at least one point; beyond its ends the end's y
 */
export function interpolate(curve: readonly { x: number; y: number }[], x: number): number {
  const right = bisectLeft(
    curve.map((point) => point.x),
    x,
  );
  if (right === 0) return curve[0].y;
  if (right === curve.length) return curve[right - 1].y;
  const [a, b] = [curve[right - 1], curve[right]];
  return a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
}
