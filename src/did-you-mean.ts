import { distance } from 'fastest-levenshtein';

/** The name that was probably meant: the nearest one, if no more than a third of its letters differ; else null. */
export function probablyMeant(given: string, names: readonly string[]): string | null {
  const wanted = given.toLowerCase();
  const nearest = names.toSorted((a, b) => distance(a, wanted) - distance(b, wanted))[0];
  if (nearest === undefined) return null;
  return distance(nearest, wanted) <= Math.max(1, Math.floor(nearest.length / 3)) ? nearest : null;
}
