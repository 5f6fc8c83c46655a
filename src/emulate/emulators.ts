import { FlashlmError } from '../errors.js';
import type { CompiledHelper } from './compiled-helper.js';

/** Where the emulated serial port leads: to the emulator's own standard streams, or to a new pseudo-terminal. */
export type SerialTarget = 'stdio' | 'pty';

/** What an emulator is started with. */
export interface EmulatorProgram {
  /** In PATH, or for people where it is compiled here. */
  name: string;
  /** That bring it, or what it is compiled with. */
  debianPackage: string;
  /** Present where it is a source of this project, on an emulator's library. */
  compiled?: CompiledHelper;
}

/** Something that runs firmware on this computer. */
export interface Emulator {
  id: string;
  /** Folder in firmware/ports that the firmware is linked with for it. */
  port: string;
  /** What the firmware runs on, and how near that is to the chip; for reports. */
  description: string;
  /** Whether it has the chip's own memories and no more, so that only what fits the chip runs. */
  hasMemoriesOfChip?: true;
  /** Null where the firmware is a program of this computer itself. */
  program: EmulatorProgram | null;
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
  mps2(
    'qemu-arm-mps2',
    'arm-mps2',
    'an385',
    'nearest machine: a Cortex-M3 running the same Cortex-M0+ object code',
  ),
  mps2(
    'qemu-arm-mps2-an386',
    'arm-mps2',
    'an386',
    'nearest machine: a Cortex-M4 running the same object code',
  ),
  mps2(
    'qemu-arm-mps2-an500',
    'arm-mps2',
    'an500',
    'nearest machine: a Cortex-M7 running the same object code',
  ),
  mps2(
    'qemu-arm-mps2-an505',
    'arm-mps2-an505',
    'an505',
    'nearest machine: a Cortex-M33 running the same object code',
  ),
  mps2(
    'qemu-arm-mps2-an521',
    'arm-mps2-an521',
    'an521',
    'nearest machine with two cores: Cortex-M33 running the same object code, each on a thread of its own',
    // Of its two cores the first would otherwise lack what an RP2350's have.
    ['-global', 'sse-200.CPU0_DSP=on'],
  ),
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
  {
    id: 'simavr-atmega2560',
    port: 'atmega2560',
    description: 'simavr, ATmega2560 (the chip itself, clock by clock)',
    hasMemoriesOfChip: true,
    program: {
      name: 'simavr',
      debianPackage: 'gcc libsimavr-dev libelf-dev',
      compiled: {
        source: 'simavr_machine',
        flags: [],
        libraries: ['-lsimavr', '-lelf'],
        header: 'simavr/sim_avr.h',
      },
    },
    arguments: (elf, serial) => [...(serial === 'pty' ? ['--pty'] : []), elf],
  },
];

/** One of QEMU's machines for Arm's MPS2 board; they differ in the core. @param note its number of Arm's application notes */
function mps2(id: string, port: string, note: string, nearness: string, options: string[] = []): Emulator {
  return {
    id,
    port,
    description: `QEMU, Arm machine mps2-${note} (${nearness})`,
    program: { name: 'qemu-system-arm', debianPackage: 'qemu-system-arm' },
    arguments: (elf, serial) => [
      ...['-M', `mps2-${note}`, ...options, ...QUIET, '-serial', serial],
      ...['-semihosting-config', 'enable=on,target=native', '-kernel', elf],
    ],
  };
}

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
