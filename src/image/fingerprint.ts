import { crc32 } from './crc32.js';
import type { ImageSection } from './format.js';
import { bytesOfInt32 } from './little-endian.js';

/** CRC-32 over the CRCs of all sections: names the model's content, whatever its name in the header. */
export function fingerprintOf(sections: ImageSection[]): number {
  return crc32(bytesOfInt32(sections.map((section) => section.crc)));
}
