import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { probablyMeant } from '../did-you-mean.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';

/** Folder of the models that ship. */
const MODELS_DIRECTORY = path.join(PACKAGE_ROOT, 'models');
export const IMAGE_FILE = 'model.flm';
/** The weights of a checkpoint in float. */
export const WEIGHTS_FILE = 'model.safetensors';
/** Model that commands use when none is named; those that put one onto a board, if it fits: src/report/model-choice.ts. */
export const DEFAULT_MODEL = 'mcu';

/** Where a model lies. */
export interface ModelFiles {
  /** Path of the image. */
  image: string;
  /** Folder of the checkpoint that the image came from; it may hold the image alone. */
  directory: string;
}

/**
 * Finds a model by the name of a shipped one, by a folder that holds model.flm, or by an image file.
 * @throws FlashlmError unknown-model, with the name that was probably meant
 */
export async function findModel(nameOrPath: string): Promise<ModelFiles> {
  for (const location of [nameOrPath, path.join(MODELS_DIRECTORY, nameOrPath)]) {
    const information = await stat(location).catch(() => null);
    if (information?.isFile()) return { image: location, directory: path.dirname(location) };
    if (information?.isDirectory()) {
      const image = path.join(location, IMAGE_FILE);
      if (await exists(image)) return { image, directory: location };
      if (await exists(path.join(location, WEIGHTS_FILE))) {
        throw new FlashlmError(
          'unknown-model',
          `${location} holds weights but no ${IMAGE_FILE}, which is what boards run.`,
          'Import it again with --tokenizer, or let its training finish: run the same train command again.',
        );
      }
    }
  }
  const names = await modelNames();
  const meant = probablyMeant(nameOrPath, names);
  throw new FlashlmError(
    'unknown-model',
    `There is no model "${nameOrPath}".`,
    meant === null
      ? `Give an image, a folder with a ${IMAGE_FILE}, or one of: ${names.join(', ')}.`
      : `Did you mean "${meant}"?`,
  );
}

/**
 * Finds a folder with the weights of a model, by its path or by the name of a shipped model.
 * @returns null where there is none; an image alone has no weights in float
 */
export async function findWeights(nameOrPath: string): Promise<string | null> {
  for (const location of [nameOrPath, path.join(MODELS_DIRECTORY, nameOrPath)]) {
    if (await exists(path.join(location, WEIGHTS_FILE))) return location;
    const information = await stat(location).catch(() => null);
    if (information?.isFile() || (await exists(path.join(location, IMAGE_FILE)))) return null;
  }
  return null;
}

/** Names of the models that ship. */
export async function modelNames(): Promise<string[]> {
  const entries = await readdir(MODELS_DIRECTORY, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Reads the image of a model that `findModel` found. */
export async function readModelImage({ image }: ModelFiles): Promise<Uint8Array> {
  return new Uint8Array(await readFile(image));
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
