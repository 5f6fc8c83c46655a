import { open, stat } from 'node:fs/promises';
import { FlashlmError } from '../errors.js';

/**
 * Refuses a place that holds anything but an earlier file of the same kind, before minutes are spent on a new one.
 *
 * @param mark what every file of this kind begins with, in ASCII
 * @param kind what such a file holds, for the message: "told stories"
 * @throws FlashlmError `bad-argument`
 */
export async function requireReplaceable(file: string, mark: string, kind: string): Promise<void> {
  try {
    const existing = await stat(file);
    if (existing.isFile() && (await beginningOf(file, mark.length)) === mark) return;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
    throw new FlashlmError(
      'bad-argument',
      `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Choose another file with --out.',
      { cause },
    );
  }
  throw new FlashlmError(
    'bad-argument',
    `${file} is there already and holds no ${kind}.`,
    'Choose another file with --out.',
  );
}

async function beginningOf(file: string, bytes: number): Promise<string> {
  const handle = await open(file);
  try {
    const beginning = Buffer.alloc(bytes);
    await handle.read(beginning);
    return beginning.toString('latin1');
  } finally {
    await handle.close();
  }
}
