import type { Board, Framework } from '../boards/board.js';
import { DEFAULT_MODEL, findModel, modelNames, readModelImage } from '../model/find.js';
import { checkFit } from './fit.js';
import { formatCount } from './format.js';

/** A model that was chosen for a board. */
export interface ChosenModel {
  image: Uint8Array;
  /** Why it is not the default one, as one line for people; null where it is, or where it was asked for. */
  reason: string | null;
}

/**
 * The model that is asked for; else the one that suits a board: the default one if it fits, else the largest that ships and
 * fits. Where none fits it is the smallest, which lacks the least.
 *
 * @param wanted name or path; left out: chosen here
 * @throws FlashlmError unknown-model; bad-image
 */
export async function chooseModel(
  wanted: string | undefined,
  board: Board,
  framework: Framework,
): Promise<ChosenModel> {
  const image = await readModelImage(await findModel(wanted ?? DEFAULT_MODEL));
  if (wanted !== undefined) return { image, reason: null };
  const { fits, flash, ram } = checkFit(image, board, framework);
  if (fits) return { image, reason: null };
  const others = await shippedModels();
  const largest = others.find((model) => checkFit(model.image, board, framework).fits);
  const place = `${board.name} (${framework})`;
  const lack = `the default, ${DEFAULT_MODEL}, ${describeShortage({ flash: flash.missing, ram: ram.missing })}`;
  if (largest !== undefined) {
    return {
      image: largest.image,
      reason: `model: ${largest.name}, the largest that ships and fits ${place}; ${lack}`,
    };
  }
  const smallest = others[others.length - 1];
  return {
    image: smallest.image,
    reason: `model: ${smallest.name}, the smallest that ships; none fits ${place}; ${lack}`,
  };
}

/** From the largest image to the smallest. */
async function shippedModels(): Promise<{ name: string; image: Uint8Array }[]> {
  const models = await Promise.all(
    (await modelNames()).map(async (name) => ({ name, image: await readModelImage(await findModel(name)) })),
  );
  return models.sort((a, b) => b.image.length - a.image.length);
}

/** By how much something does not fit, as a clause. @param missing bytes that are wanting */
export function describeShortage(missing: { flash: number; ram: number }): string {
  return `lacks ${[
    ...(missing.flash > 0 ? [`${formatCount(missing.flash)} bytes of flash`] : []),
    ...(missing.ram > 0 ? [`${formatCount(missing.ram)} bytes of RAM`] : []),
  ].join(' and ')}`;
}
