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
    id: 'cortex-m0plus',
    prefix: 'arm-none-eabi-',
    flags: ['-mcpu=cortex-m0plus', '-mthumb'],
    debianPackage: 'gcc-arm-none-eabi',
  },
  { id: 'xtensa-lx106', prefix: 'xtensa-lx106-elf-', flags: [], debianPackage: 'gcc-xtensa-lx106' },
];

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
