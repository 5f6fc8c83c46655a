import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import type { Emulator } from './emulators.js';

/** Runs the very file that goes to the chip, its own port included, where `Emulator` runs the core's code. */
export interface ChipEmulator extends Emulator {
  /** The file that it runs, of those that a build leaves. */
  artifact: string;
}

/** Every chip emulator that a board file can name. */
export const CHIP_EMULATORS: readonly ChipEmulator[] = [
  {
    id: 'rp2040js',
    port: 'pico',
    artifact: 'firmware.uf2',
    description:
      "rp2040js (the UF2 file itself, from the boot's second stage on; clocks, timer and UART emulated, flash without its waiting)",
    program: { name: process.execPath, debianPackage: 'nodejs' },
    arguments: (file) => [path.join(PACKAGE_ROOT, 'dist', 'emulate', 'rp2040', 'main.js'), file],
  },
];

/** @throws FlashlmError bad-board-file for a name that is not in the table */
export function findChipEmulator(id: string): ChipEmulator {
  const emulator = CHIP_EMULATORS.find((candidate) => candidate.id === id);
  if (emulator !== undefined) return emulator;
  throw new FlashlmError(
    'bad-board-file',
    `There is no chip emulator "${id}".`,
    `Choose one of: ${CHIP_EMULATORS.map((candidate) => candidate.id).join(', ')}.`,
  );
}
