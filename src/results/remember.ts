import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { writeFileAtomically } from '../files/atomic-write.js';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import { filesBelow } from '../files/files-below.js';

/** A measurement that takes minutes, and all that its outcome depends on. */
export interface Measurement<Outcome> {
  /** Begins the name of the file in the cache folder. */
  name: string;
  /** Model, stories, firmware: whatever is measured. */
  inputs: (string | Uint8Array)[];
  /** Folders of src/ whose code decides the outcome: with a changed arithmetic the old figure is worth nothing. */
  code: string[];
  schema: z.ZodType<Outcome>;
  measure: () => Promise<Outcome>;
  /** Whether another try would find the same; always, unless this says otherwise. */
  isFinal?: (outcome: Outcome) => boolean;
}

/**
 * The outcome of a measurement: out of the cache folder where the same inputs were measured by the same code before,
 * else measured now and kept there. A kept outcome that is damaged is measured again.
 *
 * @throws FlashlmError write-failed where the cache folder cannot be written, and whatever `measure` throws
 */
export async function remember<Outcome>(measurement: Measurement<Outcome>): Promise<Outcome> {
  const { name, schema, measure, isFinal = () => true } = measurement;
  const folder = path.join(cacheDirectory(), 'results');
  const file = path.join(folder, `${name}-${await keyOf(measurement)}.json`);
  const kept = await readKept(file, schema);
  if (kept !== null) return kept;
  // Before minutes are spent on what then could not be kept.
  await makeCacheFolder(folder);
  const outcome = await measure();
  if (isFinal(outcome)) await writeFileAtomically(file, `${JSON.stringify(outcome)}\n`);
  return outcome;
}

async function readKept<Outcome>(file: string, schema: z.ZodType<Outcome>): Promise<Outcome | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function keyOf<Outcome>({ inputs, code }: Measurement<Outcome>): Promise<string> {
  const hash = createHash('sha256');
  // Each by its own hash, so that no two lists of inputs run together to the same bytes.
  for (const input of inputs) hash.update(createHash('sha256').update(input).digest());
  for (const folder of code) {
    const location = fileURLToPath(new URL(`../${folder}/`, import.meta.url));
    for (const file of await filesBelow(location)) {
      hash.update(`${folder}/${path.relative(location, file)}`).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
