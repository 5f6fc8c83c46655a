import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import type { CoreCount } from '../../src/boards/cores.js';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { compileHelper } from '../../src/emulate/compiled-helper.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { programOf } from '../../src/emulate/firmware-process.js';
import { generateProject } from '../../src/generate/project.js';

/** A folder for the files of one test file; it goes when the tests are done. */
export async function makeWorkspace(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-firmware-'));
  afterAll(() => rm(folder, { recursive: true }));
  return folder;
}

/** A board that says no more than the generator asks for. */
export function plainBoard(port: string, toolchain: string, emulator: string): Board {
  return {
    id: port,
    name: `Test board ${port}`,
    chip: { core: 'test', cores: 1, clockHz: 1_000_000 },
    memory: { flashBytes: 2 ** 21, ramBytes: 2 ** 17, flashBytesPerSecond: null },
    instructionsPerClock: null,
    frameworks: ['bare'],
    defaultFramework: 'bare',
    port,
    toolchain,
    emulator,
    sources: ['test'],
  };
}

/** What firmware is compiled with and runs on. */
export interface Target {
  name: string;
  toolchain: string;
  emulator: string;
}

/** Where firmware is built and run in the tests: this computer, and an emulator for each instruction set. */
export const TARGETS = [
  { name: 'host', toolchain: 'host', emulator: 'host' },
  { name: 'RISC-V', toolchain: 'riscv32imc', emulator: 'qemu-riscv32-virt' },
  { name: 'Cortex-M0+', toolchain: 'cortex-m0plus', emulator: 'qemu-arm-mps2' },
  { name: 'Xtensa lx106', toolchain: 'xtensa-lx106', emulator: 'qemu-xtensa-sim' },
] as const satisfies Target[];

/** Whose DSP extension firmware/core/pairs.h and arithmetic.h use. */
const CORTEX_M4: Target = { name: 'Cortex-M4', toolchain: 'cortex-m4', emulator: 'qemu-arm-mps2-an386' };

/** For what takes other instructions where there is a DSP extension. */
export const TARGETS_AND_DSP: Target[] = [...TARGETS, CORTEX_M4];

/** The cores that differ from those only in their instruction sets' extensions. */
export const EXTENDED_CORES: Target[] = [
  { name: 'RISC-V with atomics', toolchain: 'riscv32imac', emulator: 'qemu-riscv32-virt' },
  CORTEX_M4,
  { name: 'Cortex-M7', toolchain: 'cortex-m7', emulator: 'qemu-arm-mps2-an500' },
  { name: 'Cortex-M33', toolchain: 'cortex-m33', emulator: 'qemu-arm-mps2-an505' },
];

/** A chip with 8 KB of RAM, which reads its flash a page at a time. */
export const AVR: Target = {
  ...{ name: 'ATmega2560', toolchain: 'atmega2560', emulator: 'simavr-atmega2560' },
};

/** Whether this computer has the target's compiler and emulator. */
export async function isInstalled({ toolchain, emulator }: Target): Promise<boolean> {
  const { program } = findEmulator(emulator);
  if (program?.compiled !== undefined && !('file' in (await compileHelper(program.compiled)))) return false;
  const emulatorName = program?.compiled === undefined ? program?.name : undefined;
  const found = await Promise.all(
    [`${findToolchain(toolchain).prefix}gcc`, emulatorName ?? 'make'].map(findProgram),
  );
  return found.every((program) => program !== null);
}

/** Generates and builds a project for a target; the path of its program. */
export async function buildFirmware(
  directory: string,
  image: Uint8Array,
  target: Target,
  options: {
    kernel?: string;
    /** For an image that is read a page at a time. */
    pageBytes?: number | undefined;
    /** That share each product; one by default. */
    cores?: CoreCount | undefined;
    compilerFlags?: string[];
    patch?: (directory: string) => Promise<void>;
  } = {},
): Promise<string> {
  const toolchain = findToolchain(target.toolchain);
  const { port } = findEmulator(target.emulator);
  const board = plainBoard(port, target.toolchain, target.emulator);
  if (options.pageBytes !== undefined) board.memory.paged = { bytes: options.pageBytes };
  await generateProject({
    image,
    board,
    framework: 'bare',
    directory,
    toolchain: { ...toolchain, flags: [...toolchain.flags, ...(options.compilerFlags ?? [])] },
    emulatorPort: null,
    ...(options.cores === undefined ? {} : { cores: options.cores }),
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
  });
  await options.patch?.(directory);
  await execa('make', ['-s', '-j2', 'firmware.elf'], { cwd: directory });
  return path.join(directory, 'firmware.elf');
}

/** Puts a program in the place of the console's, for the `patch` of a build. */
export async function replaceMain(directory: string, program: string): Promise<void> {
  const folder = path.join(directory, 'src', 'ports', 'check');
  await mkdir(folder);
  await copyFile(program, path.join(folder, 'main.c'));
  const makefile = path.join(directory, 'Makefile');
  const text = await readFile(makefile, 'utf8');
  await writeFile(makefile, text.replace(/src\/ports\/(?:host|support)\/main\.c/, 'src/ports/check/main.c'));
}

/** Runs firmware on its target, types the input and an EOT, and returns all that it printed. */
export async function runFirmware(elf: string, target: Target, input: string | Uint8Array): Promise<string> {
  const emulator = findEmulator(target.emulator);
  // Node gives its children sockets, not pipes. QEMU's 16550 drops bytes when one is full for a moment.
  const words = [programOf({ emulator, elfFile: elf }), ...emulator.arguments(elf, 'stdio')];
  const throughPipe = ['-c', '"$0" "$@" | cat', ...words];
  const { stdout } = await execa('sh', throughPipe, {
    input: Buffer.concat([Buffer.from(input), Buffer.from([4])]),
    timeout: 120_000,
    stripFinalNewline: false,
    encoding: 'latin1',
  });
  return stdout;
}

/** The machine-readable lines of what firmware printed. */
export function traceLines(output: string): string[] {
  return output
    .split('\r\n')
    .map((line) => line.replace(/^> /, ''))
    .filter((line) => line.startsWith('@@'))
    .map((line) => line.slice(2));
}
