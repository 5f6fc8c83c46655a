import { createHash } from 'node:crypto';
import type { ESPLoader } from 'esptool-js';
import type { FileKind } from './project.js';

/** Bytes and where in flash they begin. */
export interface FlashContent {
  path: string;
  kind: FileKind;
  content: Uint8Array;
  offset: number;
}

/** esptool-js fills files up to a multiple of this, with the byte of erased flash. */
const WORD_BYTES = 4;
const ERASED = 0xff;

/** Whether a chip's flash holds these bytes, by the MD5 that the chip takes of the same range. */
export async function holdsContent(loader: ESPLoader, { offset, content }: FlashContent): Promise<boolean> {
  const filled = new Uint8Array(Math.ceil(content.length / WORD_BYTES) * WORD_BYTES).fill(ERASED);
  filled.set(content);
  const expected = createHash('md5').update(filled).digest('hex');
  return (await loader.flashMd5sum(offset, filled.length)) === expected;
}
