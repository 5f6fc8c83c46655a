import type { CoreCount } from '../boards/cores.js';
import { FlashlmError } from '../errors.js';
import { type ModelConfig, mixerRows } from '../model/config.js';
import {
  contextOfPasses,
  GROUPS_OF_A_QUAD,
  type MatrixSizes,
  TABLE_BYTES,
  withHalves,
} from './kernel-passes.js';
import { render } from './render.js';

export type { MatrixSizes } from './kernel-passes.js';

/** A way to multiply the ternary matrices; see firmware/core/kernel.h for what each of them computes. */
export interface Kernel {
  id: string;
  /** File in templates/kernels, without `.c.hbs`. */
  template: string;
  description: string;
  /** RAM in bytes that it takes beside its arguments. */
  ramBytes: number;
  /** Toolchains for whose chips it is chosen where its RAM is free; null: for all. */
  toolchains: string[] | null;
  /** Whether it can do with weights that are read a page at a time (firmware/core/read.h). */
  pageable: boolean;
  /** What the template needs. */
  context: (sizes: MatrixSizes) => object;
}

const RISC_V = ['riscv32imc', 'riscv32imac'];

/**
 * From the fastest to the slowest; the first that suits the toolchain and fits the RAM is taken. By measurement
 * (src/bench/kernel-instructions.ts): 80 columns a pass need more registers than any chip but RISC-V has, and 40 more
 * than a Cortex-M0+.
 */
export const KERNELS: readonly Kernel[] = [
  sharedPartialSums('shared-partial-sums-80', 4, RISC_V),
  sharedPartialSums('shared-partial-sums-40', 2, [
    ...RISC_V,
    ...['xtensa-lx106', 'cortex-m4', 'cortex-m7', 'cortex-m33', 'host'],
  ]),
  sharedPartialSums('shared-partial-sums-20', 1, null),
  {
    id: 'shared-partial-sums-10',
    template: 'few_tables',
    description: 'one table look-up for five weights, 2 tables of 252 sums a pass; for chips with little RAM',
    ramBytes: 2 * TABLE_BYTES,
    toolchains: null,
    pageable: true,
    context: () => ({}),
  },
  {
    id: 'plain',
    template: 'plain',
    description: 'one weight at a time, as the arithmetic is written down; slow',
    ramBytes: 0,
    toolchains: null,
    pageable: true,
    context: () => ({}),
  },
];

function sharedPartialSums(id: string, quads: number, toolchains: string[] | null): Kernel {
  const tables = quads * GROUPS_OF_A_QUAD;
  return {
    id,
    template: 'shared_partial_sums',
    description: `one table look-up for five weights, ${tables} tables of 252 sums a pass`,
    ramBytes: tables * TABLE_BYTES,
    toolchains,
    pageable: quads === 1, // the quads of a pass lie apart
    context: (sizes) => contextOfPasses(sizes, quads),
  };
}

/**
 * The kernel of that name.
 * @throws FlashlmError `bad-argument` for an unknown name
 */
export function findKernel(id: string): Kernel {
  const kernel = KERNELS.find((candidate) => candidate.id === id);
  if (kernel !== undefined) return kernel;
  throw new FlashlmError(
    'bad-argument',
    `There is no kernel "${id}".`,
    `Choose one of: ${KERNELS.map((known) => known.id).join(', ')}.`,
  );
}

/**
 * The fastest kernel for the chips of a toolchain whose tables fit; the one that needs least where none does.
 * @param paged whether weights are read a page at a time
 */
export function bestKernel(toolchainId: string, freeRamBytes: number, paged: boolean): Kernel {
  const candidates = KERNELS.filter(
    ({ toolchains, pageable }) =>
      (toolchains === null || toolchains.includes(toolchainId)) && (pageable || !paged),
  );
  const fitting = candidates.find(({ ramBytes }) => ramBytes <= freeRamBytes);
  return fitting ?? candidates.reduce((a, b) => (b.ramBytes < a.ramBytes ? b : a));
}

/** Sizes of the ternary matrices of a model: mixer up and down, and the three of the feed-forward layer. */
export function matrixSizes(config: Pick<ModelConfig, 'dimension' | 'hidden' | 'memory'>): MatrixSizes {
  const { dimension, hidden } = config;
  return {
    rows: [...new Set([mixerRows(config), dimension, 2 * hidden])],
    columns: [...new Set([dimension, hidden])],
  };
}

/** How a kernel is called. */
export interface KernelUse {
  /** That share a product; with two, each has half of the columns, and tables of its own. */
  cores?: CoreCount;
  /** Whether weights are read a page at a time, which takes a kernel that is pageable. */
  paged?: boolean;
}

/** The kernel's C source for matrices of these sizes: `src/model/flashlm_kernel.c`. */
export function renderKernel(
  kernel: Kernel,
  sizes: MatrixSizes,
  banner: string,
  { cores = 1, paged = false }: KernelUse = {},
): Promise<string> {
  const columns = cores === 2 ? withHalves(sizes.columns) : sizes.columns;
  const context = kernel.context({ ...sizes, columns });
  return render(`kernels/${kernel.template}.c`, { banner, twoCores: cores === 2, paged, ...context });
}
