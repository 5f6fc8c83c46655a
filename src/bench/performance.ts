import { z } from 'zod';
import type { Board } from '../boards/board.js';
import { emulatorFirmware, emulatorHolds } from '../emulate/emulator-firmware.js';
import { findEmulator } from '../emulate/emulators.js';
import { MEASURED_STORIES } from '../emulate/token-cost.js';
import { bytesPerToken } from '../report/speed.js';
import { BENCH_KERNELS } from './bench-kernels.js';
import { type BenchCore, measureKernel } from './kernel-instructions.js';
import { measureTokenParts } from './token-parts.js';

/** Shapes of matrices that kernels are measured with: those of FlashLM v4, up and down. */
export const BENCH_SHAPES = [
  { rows: 512, columns: 192 },
  { rows: 192, columns: 512 },
] as const;

/** The shape for a chip whose RAM is too small for these. */
const SMALL_SHAPE = { rows: 120, columns: 32 };
/** Every shape that some core is measured with. */
export const ALL_SHAPES = [...BENCH_SHAPES, SMALL_SHAPE];

const kernelCostSchema = z.strictObject({
  kernel: z.string().min(1),
  toolchain: z.string().min(1),
  rows: z.int().positive(),
  columns: z.int().positive(),
  instructions: z.int().positive(),
  instructionsPerWeight: z.number().positive(),
  ramBytes: z.int().min(0),
});

const partSchema = z.strictObject({ name: z.string().min(1), instructions: z.int().min(0) });

const tokenSchema = z.strictObject({
  model: z.string().min(1),
  fingerprint: z.string().regex(/^[0-9a-f]{8}$/),
  toolchain: z.string().min(1),
  /** How the story was told: the likeliest token each time, or as a board samples when it starts. */
  story: z.enum(['greedy', 'sampled']),
  instructions: z.int().positive(),
  /** Rows of the embedding that the output head reads, a mean. */
  headRows: z.number().positive(),
  /** Of the image. */
  bytesRead: z.int().positive(),
  parts: z.array(partSchema),
});

export const performanceSchema = z.strictObject({
  /** What measured it. */
  command: z.string().min(1),
  /** Cores by the names of their compilers, each with a name that people use. */
  cores: z.array(z.strictObject({ toolchain: z.string().min(1), core: z.string().min(1) })),
  kernels: z.array(kernelCostSchema),
  tokens: z.array(tokenSchema),
});

/** Everything that `bench` counts: executed instructions, the same in every run. */
export type Performance = z.infer<typeof performanceSchema>;
export type TokenPerformance = Performance['tokens'][number];

/** A model that is measured. */
export interface BenchModel {
  name: string;
  fingerprint: string;
  image: Uint8Array;
}

/**
 * Counts the instructions of every kernel and shape, and of a token of every model, on the cores of the boards.
 *
 * @param boards one for each core
 * @param onProgress receives the share that is done, 0..1, and what is being done
 * @throws FlashlmError missing-tool, compile-failed, emulator-failed, parity-broken
 */
export async function measurePerformance(
  boards: Board[],
  models: BenchModel[],
  onProgress: (share: number, doing: string) => void,
): Promise<Omit<Performance, 'command'>> {
  const kernels: Performance['kernels'] = [];
  const tokens: TokenPerformance[] = [];
  for (const [index, board] of boards.entries()) {
    const report = (share: number, doing: string) =>
      onProgress((index + share) / boards.length, `${board.toolchain}: ${doing}`);
    const { shapes, kernels: measured } = benchedOn(board);
    for (const [place, kernel] of measured.entries()) {
      report((0.5 * place) / measured.length, kernel.id);
      for (const shape of shapes) kernels.push(await measureKernel(kernel, coreOf(board), shape));
    }
    const held = models.filter(({ image }) => emulatorHolds(image, board));
    for (const [place, model] of held.entries()) {
      report(0.5 + (0.5 * place) / held.length, model.name);
      tokens.push(...(await measureTokens(model, board)));
    }
  }
  const cores = boards.map(({ toolchain, chip }) => ({ toolchain, core: chip.core }));
  return { cores, kernels, tokens };
}

/** All of them; where the emulator has no more memory than its chip, those that leave half of its RAM to a small matrix. */
function benchedOn({ emulator, memory }: Board) {
  return findEmulator(emulator).hasMemoriesOfChip === true
    ? {
        shapes: [SMALL_SHAPE],
        kernels: BENCH_KERNELS.filter(({ ramBytes }) => ramBytes <= memory.ramBytes / 2),
      }
    : { shapes: BENCH_SHAPES, kernels: BENCH_KERNELS };
}

function coreOf({ toolchain, emulator }: Board): BenchCore {
  return { toolchain, emulator };
}

/** A token of a model on a board's core, told both ways. Nothing is staged in RAM, of which boards have more or less. */
export async function measureTokens(model: BenchModel, board: Board): Promise<TokenPerformance[]> {
  const firmware = await emulatorFirmware(model.image, board, { stagingRamBytes: 0 });
  const tokens: TokenPerformance[] = [];
  for (const story of ['greedy', 'sampled'] as const) {
    const { instructions, parts, headRows, stageBytes } = await measureTokenParts(
      firmware,
      board.toolchain,
      MEASURED_STORIES[story],
    );
    tokens.push({
      model: model.name,
      fingerprint: model.fingerprint,
      toolchain: board.toolchain,
      story,
      instructions,
      headRows,
      bytesRead: bytesPerToken(model.image, headRows, stageBytes ?? undefined),
      parts,
    });
  }
  return tokens;
}
