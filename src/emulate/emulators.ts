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
  /** Whether it counts instructions by itself, as src/emulate/simavr_machine.c says; QEMU takes a plugin for that. */
  countsInstructions?: true;
}

/** Something that runs firmware on this computer. */
export interface Emulator {
  id: string;
  /** Folder in firmware/ports that the firmware is linked with for it. */
  port: string;
  /** What the firmware runs on, and how near that is to the chip; for reports. */
  description: string;
  /** Rows of src/compile/toolchains.ts whose code it runs. */
  toolchains: readonly string[];
  /** Whether it has a second core like the first, which its port can start. */
  hasTwoCores?: true;
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
    toolchains: ['host'],
    hasTwoCores: true,
    program: null,
    arguments: (_, serial) => (serial === 'pty' ? ['--pty'] : []),
  },
  {
    id: 'qemu-riscv32-virt',
    port: 'riscv-virt',
    description: 'QEMU, RISC-V machine "virt" (nearest machine: the same instruction set and object code)',
    toolchains: ['riscv32imc', 'riscv32imac'],
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
  mps2({
    ...{ id: 'qemu-arm-mps2', port: 'arm-mps2', note: 'an385', toolchains: ['cortex-m0plus'] },
    nearness: 'nearest machine: a Cortex-M3 running the same Cortex-M0+ object code',
  }),
  mps2({
    ...{ id: 'qemu-arm-mps2-an386', port: 'arm-mps2', note: 'an386' },
    toolchains: ['cortex-m0plus', 'cortex-m4'],
    nearness: 'nearest machine: a Cortex-M4 running the same object code',
  }),
  mps2({
    ...{ id: 'qemu-arm-mps2-an500', port: 'arm-mps2', note: 'an500' },
    toolchains: ['cortex-m0plus', 'cortex-m4', 'cortex-m7'],
    nearness: 'nearest machine: a Cortex-M7 running the same object code',
  }),
  mps2({
    ...{ id: 'qemu-arm-mps2-an505', port: 'arm-mps2-an505', note: 'an505' },
    toolchains: ['cortex-m0plus', 'cortex-m33'],
    nearness: 'nearest machine: a Cortex-M33 running the same object code',
  }),
  mps2({
    ...{ id: 'qemu-arm-mps2-an521', port: 'arm-mps2-an521', note: 'an521' },
    toolchains: ['cortex-m0plus', 'cortex-m33'],
    nearness:
      'nearest machine with two cores: Cortex-M33 running the same object code, each on a thread of its own',
    hasTwoCores: true,
    // Of its two cores the first would otherwise lack what an RP2350's have.
    options: ['-global', 'sse-200.CPU0_DSP=on'],
  }),
  {
    id: 'qemu-xtensa-sim',
    port: 'xtensa-sim',
    description:
      'QEMU, Xtensa machine "sim" with an lx106 core (nearest machine: its instructions are a subset of the ESP32\'s)',
    program: { name: 'qemu-system-xtensa', debianPackage: 'qemu-system-misc' },
    toolchains: ['xtensa-lx106'],
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
    toolchains: ['atmega2560'],
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
      countsInstructions: true,
    },
    arguments: (elf, serial) => [...(serial === 'pty' ? ['--pty'] : []), elf],
  },
];

/** What one of QEMU's machines for Arm's MPS2 board differs in from the others. */
interface Mps2Machine extends Pick<Emulator, 'id' | 'port' | 'toolchains' | 'hasTwoCores'> {
  /** Number of Arm's application note that describes it. */
  note: string;
  nearness: string;
  options?: string[];
}

function mps2({ note, nearness, options = [], ...machine }: Mps2Machine): Emulator {
  return {
    ...machine,
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
