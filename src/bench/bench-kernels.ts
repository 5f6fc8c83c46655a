import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { KERNELS, renderKernel } from '../generate/kernels.js';
import { packTernary } from '../image/packing.js';

/** A matrix of small whole numbers, row by row. */
export interface WeightMatrix {
  rows: number;
  columns: number;
  weights: Int8Array;
}

/** A way to multiply a matrix with a vector that is measured: a kernel of the firmware, or what others do instead. */
export interface BenchKernel {
  id: string;
  description: string;
  /** Weights that it can multiply with: -limit..limit. */
  limit: number;
  /** Bits in flash for each weight. */
  bitsPerWeight: number;
  /** RAM in bytes beside its arguments. */
  ramBytes: number;
  /** The bytes that it reads, in its own order. */
  pack: (matrix: WeightMatrix) => Uint8Array;
  /** C that defines flashlm_ternary_product of firmware/core/kernel.h for these bytes. */
  source: (rows: number, columns: number) => Promise<string>;
}

const BASELINES = path.join(PACKAGE_ROOT, 'src', 'bench', 'baselines');

/** The firmware's kernels, and the baselines that they are compared with. */
export const BENCH_KERNELS: readonly BenchKernel[] = [
  ...KERNELS.map(
    (kernel): BenchKernel => ({
      id: kernel.id,
      description: kernel.description,
      limit: 1,
      bitsPerWeight: 1.6,
      ramBytes: kernel.ramBytes,
      pack: packTernary,
      source: (rows, columns) => renderKernel(kernel, { rows: [rows], columns: [columns] }, 'For bench.'),
    }),
  ),
  baseline('bit-masks', 'ternary, two masks of 32 bits, additions', 1, 2, packMasks),
  baseline('int4-multiply', '4 bits, one multiplication a weight', 7, 4, packNibbles),
  baseline('int8-blocked', '8 bits, four rows and four columns at a time', 127, 8, packBlocks),
  baseline('int8-plain', '8 bits, row by row', 127, 8, packBytes),
];

function baseline(
  id: string,
  description: string,
  limit: number,
  bitsPerWeight: number,
  pack: BenchKernel['pack'],
): BenchKernel {
  const file = path.join(BASELINES, `${id.replace('-', '_')}.c`);
  return {
    id,
    description: `baseline: ${description}`,
    limit,
    bitsPerWeight,
    ramBytes: 0,
    pack,
    source: () => readFile(file, 'utf8'),
  };
}

function packBytes({ weights }: WeightMatrix): Uint8Array {
  return Uint8Array.from(weights, (weight) => weight & 255);
}

/** Four rows at a time: for each column a byte of each of them, 128 more than it is. */
function packBlocks({ columns, weights }: WeightMatrix): Uint8Array {
  return Uint8Array.from(weights, (_, place) => {
    const block = Math.floor(place / (4 * columns));
    const column = Math.floor(place / 4) % columns;
    return weights[(4 * block + (place % 4)) * columns + column] + 128;
  });
}

/** Two weights a byte, the first in the low half, 8 more than it is. */
function packNibbles({ weights }: WeightMatrix): Uint8Array {
  return Uint8Array.from(
    { length: weights.length / 2 },
    (_, i) => weights[2 * i] + 8 + ((weights[2 * i + 1] + 8) << 4),
  );
}

/** For every 32 columns of a row a word of those that are +1 and one of those that are -1, lowest bit first. */
function packMasks({ weights }: WeightMatrix): Uint8Array {
  const words = new Uint32Array(weights.length / 16);
  for (const [index, weight] of weights.entries()) {
    const word = 2 * Math.floor(index / 32) + (weight < 0 ? 1 : 0);
    if (weight !== 0) words[word] |= 1 << (index % 32);
  }
  return new Uint8Array(words.buffer);
}
