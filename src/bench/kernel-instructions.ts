import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { readElf } from '../compile/elf.js';
import { compilerOf, findToolchain, requireToolchain } from '../compile/toolchains.js';
import { counterArguments } from '../emulate/counter-arguments.js';
import { requireEmulator } from '../emulate/emulator-firmware.js';
import { type Emulator, findEmulator } from '../emulate/emulators.js';
import { programOf } from '../emulate/firmware-process.js';
import { FlashlmError } from '../errors.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { cWords } from '../generate/c-literals.js';
import { loadPort } from '../generate/ports.js';
import { checksumOf } from '../integer/checksum.js';
import { Random } from '../train/random.js';
import type { BenchKernel, WeightMatrix } from './bench-kernels.js';

/** Where kernels are measured: a compiler, and the emulator of its code. */
export interface BenchCore {
  toolchain: string;
  emulator: string;
}

/** What a product of a matrix [rows x columns] with a vector takes. */
export interface KernelCost {
  kernel: string;
  toolchain: string;
  rows: number;
  columns: number;
  /** Executed, building of tables included. */
  instructions: number;
  instructionsPerWeight: number;
  ramBytes: number;
}

const PROGRAM = path.join(PACKAGE_ROOT, 'src', 'bench', 'kernel_bench.c');
const FLAGS = ['-O2', '-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections'];
/** Of a port: what belongs to the console's program, and to its image. */
const NOT_LINKED = ['support/main.c', 'support/linked_image.c', 'avr/read_flash.c'];
const FIRMWARE = path.join(PACKAGE_ROOT, 'firmware');
/** What kernels include. */
const HEADERS = ['core/constant.h', 'core/kernel.h', 'core/read.h', 'ports/port.h'];
/** firmware/core/kernel.h: a kernel may read activations up to there. */
const QUAD_COLUMNS = 20;
const LARGEST_ACTIVATION = 4096;
const TIMEOUT_MILLISECONDS = 120_000;

/**
 * Compiles a kernel, has it multiply a random matrix on the emulator, counts, and holds every sum against sums that are
 * added up weight by weight here.
 *
 * @throws FlashlmError missing-tool, compile-failed, emulator-failed, parity-broken for a wrong sum
 */
export async function measureKernel(
  kernel: BenchKernel,
  { toolchain: toolchainId, emulator: emulatorId }: BenchCore,
  { rows, columns }: { rows: number; columns: number },
): Promise<KernelCost> {
  const emulator = findEmulator(emulatorId);
  await requireEmulator(emulator);
  const matrix = randomMatrix(rows, columns, kernel.limit);
  const activations = randomActivations(columns);
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-bench-'));
  try {
    await writeSources(folder, kernel, matrix, activations);
    const elfFile = await compile(folder, toolchainId, emulator);
    const { instructions, checksum } = await run(elfFile, emulator);
    if (checksum !== checksumOf(multiply(matrix, activations))) {
      throw new FlashlmError(
        'parity-broken',
        `The kernel ${kernel.id} adds up wrongly on ${toolchainId}, [${rows} x ${columns}].`,
        'Do not use it.',
      );
    }
    const instructionsPerWeight = instructions / (rows * columns);
    const shape = { kernel: kernel.id, toolchain: toolchainId, rows, columns };
    return { ...shape, instructions, instructionsPerWeight, ramBytes: kernel.ramBytes };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function randomMatrix(rows: number, columns: number, limit: number): WeightMatrix {
  const random = new Random(rows * 65_537 + columns);
  const weights = Int8Array.from({ length: rows * columns }, () => between(random, limit));
  return { rows, columns, weights };
}

function randomActivations(columns: number): Int16Array {
  const random = new Random(columns);
  return Int16Array.from({ length: columns }, () => between(random, LARGEST_ACTIVATION));
}

function multiply({ rows, columns, weights }: WeightMatrix, activations: Int16Array): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) =>
    activations.reduce((sum, activation, column) => sum + weights[row * columns + column] * activation, 0),
  );
}

/** Uniform in -limit..limit. */
function between(random: Random, limit: number): number {
  return Math.floor(random.uniform() * (2 * limit + 1)) - limit;
}

/** The firmware's own headers, the kernel, the program that marks, its numbers, and that they lie in memory. */
async function writeSources(
  folder: string,
  kernel: BenchKernel,
  matrix: WeightMatrix,
  activations: Int16Array,
): Promise<void> {
  const { rows, columns } = matrix;
  const packed = kernel.pack(matrix);
  const padded = Math.ceil(columns / QUAD_COLUMNS) * QUAD_COLUMNS;
  const words = Math.ceil(packed.length / 4);
  const wholeWords = new Uint8Array(4 * words);
  wholeWords.set(packed);
  for (const part of ['core', 'model', 'ports']) await mkdir(path.join(folder, part));
  for (const header of HEADERS) await copyFile(path.join(FIRMWARE, header), path.join(folder, header));
  await writeFile(path.join(folder, 'model', 'flashlm_model.h'), '#define FLASHLM_PAGE_BYTES 0u\n');
  await copyFile(PROGRAM, path.join(folder, 'model', 'main.c'));
  await writeFile(path.join(folder, 'model', 'kernel.c'), await kernel.source(rows, columns));
  await writeFile(
    path.join(folder, 'model', 'bench_data.h'),
    `#include <stdint.h>
#define BENCH_ROWS ${rows}
#define BENCH_COLUMNS ${columns}
#define BENCH_ACTIVATIONS ${padded}
static const int16_t bench_activations[BENCH_ACTIVATIONS] = {${activations.join(',')}};
static const uint32_t bench_weights[${words}] = {
${cWords(wholeWords)}
};
`,
  );
}

async function compile(folder: string, toolchainId: string, emulator: Emulator): Promise<string> {
  const toolchain = findToolchain(toolchainId);
  await requireToolchain(toolchain);
  const port = await loadPort(emulator.port);
  const ports = path.join(FIRMWARE, 'ports');
  const sources = port.files.filter((file) => /\.[cS]$/.test(file) && !NOT_LINKED.includes(file));
  const script =
    port.linkerScript === null
      ? []
      : ['-T', path.join(ports, port.id, port.linkerScript), `-L${path.join(ports, 'support')}`];
  const elfFile = path.join(folder, 'bench.elf');
  const { exitCode, stderr } = await execa(
    compilerOf(toolchain),
    [
      ...[`-std=${toolchain.dialect ?? 'c99'}`, ...toolchain.flags, ...port.compilerFlags, ...FLAGS],
      ...['-o', elfFile],
      ...['model/main.c', 'model/kernel.c', ...sources.map((file) => path.join(ports, file))],
      ...[...script, ...port.linkerFlags],
    ],
    { cwd: folder, reject: false },
  );
  if (exitCode === 0) return elfFile;
  throw new FlashlmError(
    'compile-failed',
    `A kernel does not compile: ${stderr.split('\n')[0]}`,
    'Report it.',
  );
}

async function run(elfFile: string, emulator: Emulator): Promise<{ instructions: number; checksum: number }> {
  const counts = `${elfFile}.counts`;
  const mark = readElf(await readFile(elfFile)).symbols.get('bench_mark');
  const counter = mark === undefined ? null : await counterArguments(emulator, mark, counts);
  if (counter === null) {
    throw new FlashlmError(
      'missing-tool',
      'Instructions cannot be counted here.',
      'On Debian: apt-get install gcc.',
    );
  }
  const words = [programOf({ emulator, elfFile }), ...emulator.arguments(elfFile, 'stdio'), ...counter];
  // QEMU's serial port drops bytes that a socket, which is what Node gives its children, does not take at once.
  const { stdout } = await execa('sh', ['-c', '"$0" "$@" | cat', ...words], {
    input: '',
    timeout: TIMEOUT_MILLISECONDS,
    reject: false,
  });
  const [before, after] = (await readFile(counts, 'utf8')).trim().split('\n').map(Number);
  const checksum = Number.parseInt(/[0-9a-f]{8}/.exec(stdout)?.[0] ?? '', 16);
  if (after === undefined || Number.isNaN(checksum)) {
    throw new FlashlmError(
      'emulator-failed',
      `${words[0]} ran a kernel and did not finish.`,
      'Try it again.',
    );
  }
  return { instructions: after - before, checksum };
}
