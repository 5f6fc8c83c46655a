import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Board } from '../boards/board.js';
import { coresFor } from '../boards/cores.js';
import { emulatorFirmware, emulatorFor, emulatorHolds } from '../emulate/emulator-firmware.js';
import { findEmulator } from '../emulate/emulators.js';
import { PACKAGE_ROOT } from '../files/package-root.js';
import { parseHeader } from '../image/header.js';
import { imageFingerprint } from '../image/read.js';
import { hexadecimal } from '../parity/parity.js';
import { bytesPerToken } from '../report/speed.js';
import { chipRunSchema, runChips } from './chip-runs.js';
import { runFirmware } from './run-firmware.js';

const coreRunSchema = z.strictObject({
  /** Of the boards' files: what was compiled with, and what it ran on. Boards that share both share the run. */
  toolchain: z.string().min(1),
  emulator: z.string().min(1),
  /** That shared each product on the emulator. */
  cores: z.union([z.literal(1), z.literal(2)]),
  /** That were read of the image at a time; null: it was mapped into memory. */
  pageBytes: z.int().positive().nullable(),
  /** The emulator in words. */
  target: z.string().min(1),
  /** Of a sampled token, means over a short story; of two cores, those that follow one another. null: not counted. */
  instructionsPerToken: z.int().positive().nullable(),
  bytesPerToken: z.int().positive(),
  /** Steps at which every logit equalled the reference's. */
  paritySteps: z.int().positive(),
});

export const coreRunsSchema = z.strictObject({
  /** What measured them. */
  command: z.string().min(1),
  model: z.strictObject({
    name: z.string(),
    fingerprint: z.string().regex(/^[0-9a-f]{8}$/),
    bytesInFlash: z.int().positive(),
  }),
  runs: z.array(coreRunSchema),
  /** The files that are flashed, where there is an emulator of the whole chip. */
  chipRuns: z.array(chipRunSchema),
});

/** What a model takes on one kind of core. */
export type CoreRun = z.infer<typeof coreRunSchema>;
/** What a model takes on each kind of core that some board has, and what became of it on whole chips. */
export type CoreRuns = z.infer<typeof coreRunsSchema>;

/** Where the runs of the models that ship lie: boards.json of the default model, boards-NAME.json of another. */
const DOCUMENTS = path.join(PACKAGE_ROOT, 'docs');
const SHIPPED_RUNS = /^boards(-.*)?\.json$/;

/** Of the time, that runs on whole chips take, which are slow. */
const CHIPS_SHARE = 0.3;

/**
 * Runs an image once for each compiler and emulator of the boards, whether it fits them or not, as long as it fits the
 * emulator; and where it fits a board whose whole chip is emulated, what `build` makes for it.
 *
 * @param onProgress receives the share that is done, 0..1, and what is being done
 * @throws FlashlmError parity-broken, missing-tool, compile-failed, emulator-failed, bad-image, write-failed
 */
export async function runCores(
  image: Uint8Array,
  boards: Board[],
  onProgress: (share: number, doing: string) => void = () => undefined,
): Promise<Omit<CoreRuns, 'command'>> {
  const cores = distinctCores(boards).filter((board) => emulatorHolds(image, board));
  const runs: CoreRun[] = [];
  for (const [index, board] of cores.entries()) {
    const report = (share: number) =>
      onProgress(((1 - CHIPS_SHARE) * (index + share)) / cores.length, board.toolchain);
    report(0);
    // Nothing is copied to RAM, of which the boards that share the run have more or less.
    const core = coreOf(board);
    const run = await runFirmware(
      image,
      await emulatorFirmware(image, board, { stagingRamBytes: 0, wantedCores: core.cores }),
      report,
    );
    runs.push({
      ...core,
      target: findEmulator(core.emulator).description,
      instructionsPerToken: run.instructionsPerToken,
      bytesPerToken: bytesPerToken(image, run.rowsPerToken ?? undefined),
      paritySteps: run.paritySteps,
    });
  }
  const chipRuns = await runChips(image, boards, (share, doing) =>
    onProgress(1 - CHIPS_SHARE * (1 - share), doing),
  );
  return { model: describeImage(image), runs, chipRuns };
}

/**
 * One board for each compiler and emulator, the first one, since boards that share both execute the same code. Those
 * without an emulator are left out.
 */
export function distinctCores(boards: Board[]): Board[] {
  return boards.filter(
    (board, index) =>
      findEmulator(board.emulator).program !== null &&
      boards.findIndex((other) => areSame(coreOf(other), coreOf(board))) === index,
  );
}

/** The first board of each compiler: kernels are the same for all of its chips. */
export function distinctToolchains(boards: Board[]): Board[] {
  return distinctCores(boards).filter(
    ({ toolchain }, index, cores) => cores.findIndex((other) => other.toolchain === toolchain) === index,
  );
}

/** The runs that ship, if they are of this image; null otherwise. */
export async function shippedRuns(image: Uint8Array): Promise<CoreRuns | null> {
  const { fingerprint } = describeImage(image);
  for (const name of (await readdir(DOCUMENTS)).filter((file) => SHIPPED_RUNS.test(file))) {
    const shipped = coreRunsSchema.parse(JSON.parse(await readFile(path.join(DOCUMENTS, name), 'utf8')));
    if (shipped.model.fingerprint === fingerprint) return shipped;
  }
  return null;
}

/** The run that says what a board would do; undefined where there is none. */
export function runOf(board: Board, { runs }: Pick<CoreRuns, 'runs'>): CoreRun | undefined {
  const core = coreOf(board);
  return runs.find((run) => areSame(run, core));
}

type Core = Pick<CoreRun, 'toolchain' | 'emulator' | 'cores' | 'pageBytes'>;

/** What a board computes with, as far as an emulator here has it: both of its cores where one has two. */
function coreOf(board: Board): Core {
  const { emulator, cores } = emulatorFor(board, coresFor(board));
  const pageBytes = board.memory.paged?.bytes ?? null;
  return { toolchain: board.toolchain, emulator: emulator.id, cores, pageBytes };
}

function areSame(a: Core, b: Core): boolean {
  const isSameMachine = a.emulator === b.emulator && a.cores === b.cores;
  return isSameMachine && a.toolchain === b.toolchain && a.pageBytes === b.pageBytes;
}

function describeImage(image: Uint8Array): CoreRuns['model'] {
  return {
    name: parseHeader(image).name,
    fingerprint: hexadecimal(imageFingerprint(image)),
    bytesInFlash: image.length,
  };
}
