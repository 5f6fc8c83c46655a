import { FlashlmError } from '../errors.js';
import type { ToolchainDescription } from '../generate/toolchain.js';
import { findProgram } from './find-program.js';

/** A compiler family that firmware is built with. */
export interface Toolchain extends ToolchainDescription {
  /** Debian package that brings it. */
  debianPackage: string;
}

/** Every compiler family that a board file can name. */
export const TOOLCHAINS: readonly Toolchain[] = [
  { id: 'host', prefix: '', flags: [], debianPackage: 'gcc' },
  {
    id: 'riscv32imc',
    prefix: 'riscv64-unknown-elf-',
    flags: ['-march=rv32imc_zicsr', '-mabi=ilp32'],
    debianPackage: 'gcc-riscv64-unknown-elf',
  },
  {
    id: 'riscv32imac',
    prefix: 'riscv64-unknown-elf-',
    flags: ['-march=rv32imac_zicsr', '-mabi=ilp32'],
    debianPackage: 'gcc-riscv64-unknown-elf',
  },
  cortexM('cortex-m0plus'),
  cortexM('cortex-m4'),
  cortexM('cortex-m7'),
  cortexM('cortex-m33'),
  {
    id: 'atmega2560',
    prefix: 'avr-',
    flags: ['-mmcu=atmega2560'],
    dialect: 'gnu99', // named address spaces: firmware/core/constant.h
    debianPackage: 'gcc-avr avr-libc',
  },
  { id: 'xtensa-lx106', prefix: 'xtensa-lx106-elf-', flags: [], debianPackage: 'gcc-xtensa-lx106' },
];

/** @param core as GCC calls it. The firmware has no float, so it needs no FPU and runs where there is none. */
function cortexM(core: string): Toolchain {
  return {
    id: core,
    prefix: 'arm-none-eabi-',
    flags: [`-mcpu=${core}`, '-mthumb', '-mfloat-abi=soft'],
    debianPackage: 'gcc-arm-none-eabi',
  };
}

/** @throws FlashlmError bad-board-file for a name that is not in the table */
export function findToolchain(id: string): Toolchain {
  const toolchain = TOOLCHAINS.find((candidate) => candidate.id === id);
  if (toolchain !== undefined) return toolchain;
  throw new FlashlmError(
    'bad-board-file',
    `There is no compiler family "${id}".`,
    `Choose one of: ${TOOLCHAINS.map((candidate) => candidate.id).join(', ')}.`,
  );
}

/** Program that compiles for a toolchain. */
export function compilerOf(toolchain: Toolchain): string {
  return `${toolchain.prefix}gcc`;
}

/** @throws FlashlmError missing-tool, naming the Debian package, where compiler or make is not installed */
export async function requireToolchain(toolchain: Toolchain): Promise<void> {
  await requireProgram(compilerOf(toolchain), toolchain.debianPackage);
  await requireProgram('make', 'make');
}

/** @throws FlashlmError missing-tool, naming the Debian package */
export async function requireProgram(program: string, debianPackage: string): Promise<void> {
  if ((await findProgram(program)) !== null) return;
  throw new FlashlmError(
    'missing-tool',
    `${program} is not installed.`,
    `On Debian: apt-get install ${debianPackage}.`,
  );
}
