import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Board } from '../boards/board.js';
import { buildFirmware } from '../build/build-firmware.js';
import { findVendorTool } from '../compile/vendor-tools.js';
import { type ChipEmulator, findChipEmulator } from '../emulate/chip-emulators.js';
import { MEASURED_STORIES, measureTokenCost } from '../emulate/token-cost.js';
import { FlashlmError } from '../errors.js';
import { checkFit } from '../report/fit.js';

/** What the very file that is flashed did on an emulator of the whole chip. */
export const chipRunSchema = z.strictObject({
  /** Id of the board. */
  board: z.string().min(1),
  emulator: z.string().min(1),
  /** The emulator in words. */
  target: z.string().min(1),
  /** Of a sampled token, means over a short story, with what is staged in RAM; null: not counted. */
  instructionsPerToken: z.int().positive().nullable(),
  /** Steps at which every logit equalled the reference's. */
  paritySteps: z.int().positive(),
});

export type ChipRun = z.infer<typeof chipRunSchema>;

/**
 * Builds the firmware of each board that has an emulator of its whole chip, as `build` does, and runs there what would be
 * flashed. Boards that the image does not fit are left out, and those whose file only a tool makes that is not installed.
 *
 * @param onProgress receives the share that is done, 0..1, and what is being done
 * @throws FlashlmError parity-broken, missing-tool, compile-failed, emulator-failed, bad-image
 */
export async function runChips(
  image: Uint8Array,
  boards: Board[],
  onProgress: (share: number, doing: string) => void,
): Promise<ChipRun[]> {
  const runs: ChipRun[] = [];
  for (const [index, board] of boards.entries()) {
    onProgress(index / boards.length, board.name);
    if (board.chipEmulator === undefined) continue;
    const emulator = findChipEmulator(board.chipEmulator);
    if (await canBuild(image, board, emulator)) runs.push(await runChip(image, board, emulator));
  }
  return runs;
}

async function canBuild(image: Uint8Array, board: Board, { framework }: ChipEmulator): Promise<boolean> {
  if (!checkFit(image, board, framework).fits) return false;
  return framework === 'bare' || (await findVendorTool(framework, board)).isInstalled;
}

async function runChip(image: Uint8Array, board: Board, emulator: ChipEmulator): Promise<ChipRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-chip-'));
  try {
    const { artifacts, chipParity } = await buildFirmware({
      ...{ board, image, framework: emulator.framework, requireBinary: true },
      directory: path.join(folder, 'Stories'),
    });
    const file = artifacts.find((artifact) => emulator.artifact.test(artifact));
    if (file === undefined || chipParity?.status !== 'match') {
      throw new FlashlmError(
        'parity-broken',
        `What would be flashed to ${board.name} does not compute what its reference computes: ${chipParity?.mismatch ?? 'it was not made'}.`,
        'Its figures would mean nothing; mend the firmware first.',
      );
    }
    const symbolsFile = artifacts.find((artifact) => artifact.endsWith('.elf'));
    const { instructions } = await measureTokenCost(
      { emulator, elfFile: file, ...(symbolsFile === undefined ? {} : { symbolsFile }) },
      MEASURED_STORIES.sampled,
    );
    return {
      board: board.id,
      emulator: emulator.id,
      target: emulator.description,
      instructionsPerToken: instructions,
      paritySteps: chipParity.steps,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
