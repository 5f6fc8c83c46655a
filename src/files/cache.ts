import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { FlashlmError } from '../errors.js';

/** Folder for what can be made again: compiled firmware, the instruction counter, the training engine. */
export function cacheDirectory(): string {
  const chosen = process.env.XDG_CACHE_HOME ?? '';
  // A relative path is to be ignored: XDG Base Directory Specification.
  return path.join(path.isAbsolute(chosen) ? chosen : path.join(homedir(), '.cache'), 'flashlm-mcu');
}

/**
 * Creates a folder of the cache.
 * @throws FlashlmError write-failed, saying how to choose another place
 */
export async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new FlashlmError(
      'write-failed',
      `The cache folder ${folder} cannot be written.`,
      'Set XDG_CACHE_HOME to a folder that can.',
      { cause },
    );
  }
}
