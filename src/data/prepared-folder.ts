import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { MANIFEST_FILE, SHARD_FORMAT, TOKENIZER_FILE } from './token-shards.js';

/** Says, while there is no manifest, that the files beside it may be replaced. */
const MARKER_FILE = '.preparing';
const OWN_FILE =
  /^(manifest\.json|tokenizer\.json|held-out\.txt|shard-\d{5}\.tokens|\.preparing)(\.\d+\.part)?$/;
const SHARD_FILE = /^shard-\d{5}\.tokens/;
const PART_FILE = /\.\d+\.part$/;

/**
 * Makes sure that a folder is new, empty, or holds nothing but prepared stories, finished or not.
 * @throws FlashlmError bad-argument or write-failed
 */
export async function requireOwnFolder(directory: string): Promise<void> {
  const names = await namesIn(directory);
  const isOwn = names.includes(MARKER_FILE) || (await holdsManifest(directory));
  const foreign = names.find((name) => !isOwn || !OWN_FILE.test(name));
  if (foreign !== undefined) {
    throw new FlashlmError(
      'bad-argument',
      `${directory} holds ${foreign}, which is not for this command to replace.`,
      'Choose a new or empty --out folder.',
    );
  }
}

/** Makes a folder count as unfinished until the new manifest is written. */
export async function beginFolder(directory: string): Promise<void> {
  await writeFileAtomically(path.join(directory, MARKER_FILE), '');
  await rm(path.join(directory, MANIFEST_FILE), { force: true });
}

/** Removes what is left of an earlier call, then writes the manifest. */
export async function finishFolder(directory: string, shards: string[], manifest: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    const isOld = PART_FILE.test(name) || (SHARD_FILE.test(name) && !shards.includes(name));
    if (isOld && OWN_FILE.test(name)) await rm(path.join(directory, name), { force: true });
  }
  await writeFileAtomically(path.join(directory, MANIFEST_FILE), manifest);
  await rm(path.join(directory, MARKER_FILE), { force: true });
}

/** Gives back the room that a failed call has taken; what it did not write stays. */
export async function abandonFolder(directory: string): Promise<void> {
  const names = await namesIn(directory);
  for (const name of names.filter((name) => SHARD_FILE.test(name) && OWN_FILE.test(name))) {
    await rm(path.join(directory, name), { force: true });
  }
  // A vocabulary may be the one that was given; the marker keeps it replaceable.
  if (names.includes(TOKENIZER_FILE)) return;
  await rm(path.join(directory, MARKER_FILE), { force: true });
  await rmdir(directory).catch(() => undefined);
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    const what = cause.code === 'ENOTDIR' ? 'is not a folder' : `cannot be read: ${cause.message}`;
    throw new FlashlmError('write-failed', `${directory} ${what}.`, 'Choose another --out folder.', {
      cause,
    });
  });
}

async function holdsManifest(directory: string): Promise<boolean> {
  const text = await readFile(path.join(directory, MANIFEST_FILE), 'utf8').catch(() => '');
  try {
    return JSON.parse(text).format === SHARD_FORMAT;
  } catch {
    return false;
  }
}
