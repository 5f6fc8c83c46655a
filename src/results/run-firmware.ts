import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { EmulatorFirmware } from '../emulate/emulator-firmware.js';
import { MEASURED_STORIES, measureTokenCost } from '../emulate/token-cost.js';
import { FlashlmError } from '../errors.js';
import { readImage } from '../image/read.js';
import { checkParity } from '../parity/parity.js';
import { PARITY_STORIES } from '../parity/prompts.js';
import { remember } from './remember.js';

const firmwareRunSchema = z.strictObject({
  /** null where they cannot be counted here. */
  instructionsPerToken: z.int().positive().nullable(),
  instructionsPerLikeliestToken: z.int().positive().nullable(),
  /** Of the embedding, that a sampled token's head read, a mean; null if the model ends the story at once. */
  rowsPerToken: z.number().positive().nullable(),
  /** Steps at which every logit was compared with the reference's. */
  paritySteps: z.int().positive(),
});

export type FirmwareRun = z.infer<typeof firmwareRunSchema>;

/**
 * Holds firmware on its emulator against the reference and counts its instructions: the count is worth something only
 * if what was run is what was evaluated. Remembered until image, firmware or the code that measures changes.
 *
 * @param onProgress receives the share that is done, 0..1
 * @throws FlashlmError parity-broken, emulator-failed, bad-image, write-failed
 */
export async function runFirmware(
  image: Uint8Array,
  firmware: EmulatorFirmware,
  onProgress: (share: number) => void = () => undefined,
): Promise<FirmwareRun> {
  return remember({
    name: 'run',
    inputs: [image, await readFile(firmware.elfFile)],
    code: ['emulate', 'image', 'integer', 'model', 'parity'],
    schema: firmwareRunSchema,
    measure: async () => {
      const sampled = await measureTokenCost(firmware, MEASURED_STORIES.sampled);
      const likeliest = await measureTokenCost(firmware, MEASURED_STORIES.greedy);
      const model = readImage(image);
      const parity = await checkParity(model, firmware, PARITY_STORIES, onProgress);
      if (parity.status === 'broken') {
        throw new FlashlmError(
          'parity-broken',
          `The firmware of ${model.name} does not compute what its reference computes: ${parity.mismatch}.`,
          'Its figures would mean nothing; mend the firmware first.',
        );
      }
      return {
        instructionsPerToken: sampled.instructions,
        instructionsPerLikeliestToken: likeliest.instructions,
        rowsPerToken: sampled.rows,
        paritySteps: parity.steps,
      };
    },
    // A compiler for the counter may be installed tomorrow.
    isFinal: ({ instructionsPerToken }) => instructionsPerToken !== null,
  });
}
