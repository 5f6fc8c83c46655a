import { homedir } from 'node:os';
import path from 'node:path';

/** Folder for what can be made again: compiled firmware, the instruction counter. */
export function cacheDirectory(): string {
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'flashlm-mcu');
}
