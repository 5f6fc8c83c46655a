import { FlashlmError } from '../errors.js';

/** Where the emulated serial port leads: to the emulator's own standard streams, or to a new pseudo-terminal. */
export type SerialTarget = 'stdio' | 'pty';

/** Something that runs firmware on this computer. */
export interface Emulator {
  id: string;
  /** Folder in firmware/ports that the firmware is linked with for it. */
  port: string;
  /** What the firmware runs on, and how near that is to the chip; for reports. */
  description: string;
  /** Program and its Debian package; null where the firmware is a program of this computer itself. */
  program: { name: string; debianPackage: string } | null;
  /** Arguments for the emulator, or for the firmware itself where `program` is null. */
  arguments: (elfFile: string, serial: SerialTarget) => string[];
}

const QUIET = ['-display', 'none', '-monitor', 'none'];

/** Every emulator that a board file can name. */
export const EMULATORS: readonly Emulator[] = [
  {
    id: 'host',
    port: 'host',
    description: 'this computer',
    program: null,
    arguments: (_, serial) => (serial === 'pty' ? ['--pty'] : []),
  },
  {
    id: 'qemu-riscv32-virt',
    port: 'riscv-virt',
    description: 'QEMU, RISC-V machine "virt" (nearest machine: the same instruction set and object code)',
    program: { name: 'qemu-system-riscv32', debianPackage: 'qemu-system-misc' },
    arguments: (elf, serial) => [
      '-M',
      'virt',
      '-cpu',
      'rv32',
      '-bios',
      'none',
      '-m',
      '64M',
      ...QUIET,
      '-serial',
      serial,
      '-kernel',
      elf,
    ],
  },
  {
    id: 'qemu-arm-mps2',
    port: 'arm-mps2',
    description:
      'QEMU, Arm machine mps2-an385 (nearest machine: a Cortex-M3 running the same Cortex-M0+ object code)',
    program: { name: 'qemu-system-arm', debianPackage: 'qemu-system-arm' },
    arguments: (elf, serial) => [
      ...['-M', 'mps2-an385', ...QUIET, '-serial', serial],
      ...['-semihosting-config', 'enable=on,target=native', '-kernel', elf],
    ],
  },
  {
    id: 'qemu-xtensa-sim',
    port: 'xtensa-sim',
    description:
      'QEMU, Xtensa machine "sim" with an lx106 core (nearest machine: its instructions are a subset of the ESP32\'s)',
    program: { name: 'qemu-system-xtensa', debianPackage: 'qemu-system-misc' },
    // Without a serial port the machine's calls read and write QEMU's own standard streams. With one they go through a
    // buffer that QEMU 7.2 shares between two threads unlocked, which on a busy computer loses bytes that come fast.
    arguments: (elf, serial) => [
      '-M',
      'sim',
      '-cpu',
      'lx106',
      '-semihosting',
      ...QUIET,
      '-serial',
      serial === 'stdio' ? 'none' : serial,
      '-kernel',
      elf,
    ],
  },
];

/** @throws FlashlmError bad-board-file for a name that is not in the table */
export function findEmulator(id: string): Emulator {
  const emulator = EMULATORS.find((candidate) => candidate.id === id);
  if (emulator !== undefined) return emulator;
  throw new FlashlmError(
    'bad-board-file',
    `There is no emulator "${id}".`,
    `Choose one of: ${EMULATORS.map((candidate) => candidate.id).join(', ')}.`,
  );
}
