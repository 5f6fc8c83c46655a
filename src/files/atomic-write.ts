import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';

/**
 * Writes a file so that a reader, or a run that is cut off, sees either the old content or the new one.
 * @throws FlashlmError write-failed; the file is then as it was before
 */
export async function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlmError(
      'write-failed',
      `${file} could not be written: ${reason}.`,
      'Free space or choose another folder.',
      {
        cause,
      },
    );
  }
}
