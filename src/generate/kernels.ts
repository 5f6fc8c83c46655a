import { FlashlmError } from '../errors.js';
import { mixerRows } from '../model/config.js';
import type { ModelDescription } from './model-description.js';
import { render } from './render.js';
import type { ToolchainDescription } from './toolchain.js';

/** A way to multiply the ternary matrices; see firmware/core/kernel.h for what each of them computes. */
export interface Kernel {
  id: string;
  /** File in templates/kernels, without `.c.hbs`. */
  template: string;
  description: string;
  /** RAM that it takes beside its arguments. */
  ramBytes: number;
  /** Toolchains that it is compiled well by; null for all. */
  toolchains: string[] | null;
}

/** From the fastest to the slowest; the first that suits the toolchain is taken. */
export const KERNELS: readonly Kernel[] = [
  {
    id: 'shared-partial-sums',
    template: 'shared_partial_sums',
    description: 'one table look-up for five weights, four tables of 252 sums a pass',
    ramBytes: 4 * 252 * 2,
    toolchains: null,
  },
  {
    id: 'plain',
    template: 'plain',
    description: 'one weight at a time, as the arithmetic is written down; slow',
    ramBytes: 0,
    toolchains: null,
  },
];

/**
 * The kernel of that name, or the best one for the toolchain.
 *
 * @throws FlashlmError `bad-argument` for an unknown name
 */
export function chooseKernel(toolchain: ToolchainDescription, id?: string): Kernel {
  const kernel = KERNELS.find((candidate) =>
    id === undefined
      ? candidate.toolchains === null || candidate.toolchains.includes(toolchain.id)
      : candidate.id === id,
  );
  if (kernel === undefined) {
    throw new FlashlmError(
      'bad-argument',
      `There is no kernel "${id}".`,
      `Choose one of: ${KERNELS.map((known) => known.id).join(', ')}.`,
    );
  }
  return kernel;
}

const ROWS_IN_WORDS = new Map([
  [1, 'one'],
  [2, 'two'],
  [4, 'four'],
  [8, 'eight'],
]);

/** A Cortex-M0+ stores at most 31 words from an address in a register; a table's pairs lie up to 28 apart. */
const PAIRS_OF_A_TURN = 2;

/** The kernel's C source for a model: `src/model/flashlm_kernel.c`. */
export async function renderKernel(kernel: Kernel, model: ModelDescription): Promise<string> {
  const { dimension, hidden } = model.config;
  const rowCounts = [mixerRows(model.config), dimension, 2 * hidden];
  const rowsOfATurn = [8, 4, 2, 1].find((rows) => rowCounts.every((count) => count % rows === 0)) ?? 1;
  return render(`kernels/${kernel.template}.c`, {
    banner: model.banner,
    rowsOfATurn: upTo(rowsOfATurn),
    pairsOfATurn: upTo(PAIRS_OF_A_TURN),
    words: { rowsOfATurn: ROWS_IN_WORDS.get(rowsOfATurn) },
  });
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
