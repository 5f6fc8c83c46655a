import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { readStories } from '../data/stories.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import type { Evaluation } from './figures.js';

/** Where the stories lie that this project's models are judged on; they are not part of the package. */
export const USUAL_STORIES = path.join(PACKAGE_ROOT, '../shared/data/tinystories-eval-500.txt');

/** The stories that models are evaluated on. */
export interface EvaluationStories {
  /** So named that another can find the same ones. */
  evaluation: Evaluation;
  stories: string[];
}

/**
 * Reads the file that models are evaluated on.
 *
 * @param file undefined: the usual one
 * @param first use so many of its stories only; undefined: all
 * @throws FlashlmError bad-argument where there is none, missing-file or bad-stories
 */
export async function readEvaluationStories(
  file: string | undefined,
  first?: number,
): Promise<EvaluationStories> {
  const location = file ?? USUAL_STORIES;
  const information = await stat(location).catch(() => null);
  if (file === undefined && information === null) {
    throw new FlashlmError('bad-argument', 'There are no stories to evaluate on.', 'Give --data FILE.');
  }
  if (information?.isDirectory()) {
    throw new FlashlmError(
      'bad-argument',
      `${location} is a folder; results say by its checksum which file of stories they are of.`,
      'Give one file with --data.',
    );
  }
  const stories = (await readStories([location])).slice(0, first);
  const sha256 = createHash('sha256')
    .update(await readFile(location))
    .digest('hex');
  return { evaluation: { name: path.basename(location), sha256, stories: stories.length }, stories };
}
