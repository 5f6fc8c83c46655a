import { z } from 'zod';
import type { ProjectFile } from './project-file.js';

/** What a project leaves for a program that writes flash: which file goes where. */
export const flashSegmentsSchema = z.strictObject({
  /** As ESP-IDF calls the chip: "esp32c3". */
  chip: z.string().min(1),
  segments: z.array(
    z.strictObject({
      /** In flash, in bytes. */
      offset: z.int().min(0),
      /** Below the project's folder; some of them are there only when the project has been built. */
      file: z.string().min(1),
      kind: z.enum(['bootloader', 'partitions', 'app', 'model']),
    }),
  ),
});
export type FlashSegments = z.infer<typeof flashSegmentsSchema>;

/** Name of the file, at the top of the project. */
export const FLASH_SEGMENTS_FILE = 'flash-segments.json';

/** The segments as a file of the project. */
export function flashSegmentsFile(segments: FlashSegments): ProjectFile {
  return { path: FLASH_SEGMENTS_FILE, content: `${JSON.stringify(segments, null, 2)}\n` };
}
