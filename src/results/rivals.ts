import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { type Rivals, rivalsSchema } from './figures.js';

/** The rivals that ship. A rival is data; nothing in the code knows one. */
export const RIVALS_FILE = path.join(PACKAGE_ROOT, 'models', 'rivals.json');

/**
 * Reads the figures of other people's models, each with its source.
 *
 * @throws FlashlmError missing-file, or bad-rivals-file, naming file and field
 */
export async function readRivals(file: string = RIVALS_FILE): Promise<Rivals> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new FlashlmError(
      'missing-file',
      `The file of rivals, ${file}, cannot be read.`,
      'Name one that can be with --rivals, or leave the option out.',
      { cause },
    );
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    return fail(file, 'is no JSON', cause);
  }
  const parsed = rivalsSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return fail(file, `field "${issue.path.join('.') || '(top)'}": ${issue.message}`, parsed.error);
}

function fail(file: string, problem: string, cause: unknown): never {
  throw new FlashlmError(
    'bad-rivals-file',
    `${file}: ${problem}.`,
    'models/rivals.json shows the form, and src/results/figures.ts explains every field.',
    { cause },
  );
}
