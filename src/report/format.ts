import prettyBytes from 'pretty-bytes';

/** A size of memory for people: 4194304 is "4 MiB". */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { binary: true, maximumFractionDigits: 2 });
}

/** A number with its thousands apart: 4194304 is "4,194,304". */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A number with three significant digits and its unit, scaled by thousands: 160e6 and "Hz" is "160 MHz". */
export function formatScaled(value: number, unit: string): string {
  const scales = [
    { factor: 1e9, prefix: 'G' },
    { factor: 1e6, prefix: 'M' },
    { factor: 1e3, prefix: 'k' },
  ];
  const scale = scales.find(({ factor }) => value >= factor) ?? { factor: 1, prefix: '' };
  return `${Number((value / scale.factor).toPrecision(3))} ${scale.prefix}${unit}`;
}

/** Paragraphs of lines as one text, an empty line between them; empty lines and paragraphs are left out. */
export function joinParagraphs(paragraphs: string[][]): string {
  return paragraphs
    .map((lines) => lines.filter((line) => line !== '').join('\n'))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}
