import { InvalidArgumentError, Option } from 'commander';

/** `--boards-dir`, for every command that names a board. */
export function boardsDirOption(): Option {
  return new Option(
    '--boards-dir <folder>',
    'folder of more board files; one with the id of a board that ships stands in for it',
  );
}

/** Parses a whole number within bounds, for commander options. */
export function integerBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Parses a number within bounds, for commander options. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(text) || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    }
    return value;
  };
}
