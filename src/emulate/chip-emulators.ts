import path from 'node:path';
import type { Framework } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { type Emulator, findEmulator } from './emulators.js';

/** Runs the very file that goes to the chip, its own port included, where `Emulator` runs the core's code. */
export interface ChipEmulator extends Emulator {
  /** Name of the emulator, for tables. */
  title: string;
  /** What it runs, in words. */
  runs: string;
  /** Packaging whose build makes what it runs. */
  framework: Framework;
  /** The path of what it runs, of the files that a build leaves. */
  artifact: RegExp;
}

/** Every chip emulator that a board file can name. */
export const CHIP_EMULATORS: readonly ChipEmulator[] = [
  {
    id: 'rp2040js',
    port: 'pico',
    toolchains: ['cortex-m0plus'],
    title: 'rp2040js',
    runs: 'the UF2 file itself',
    framework: 'bare',
    artifact: /\bfirmware\.uf2$/,
    description:
      "rp2040js (the UF2 file itself, from the boot's second stage on; clocks, timer and UART emulated, flash without its waiting)",
    program: { name: process.execPath, debianPackage: 'nodejs', countsInstructions: true },
    arguments: (file) => [path.join(PACKAGE_ROOT, 'dist', 'emulate', 'rp2040', 'main.js'), file],
  },
  {
    ...findEmulator('simavr-atmega2560'),
    title: 'simavr',
    runs: 'the Arduino sketch itself',
    framework: 'arduino',
    artifact: /\.ino\.elf$/,
    description: "simavr, ATmega2560 (the sketch itself, with Arduino's core)",
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
