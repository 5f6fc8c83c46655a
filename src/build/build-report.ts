import type { Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import type { ParityReport } from '../parity/parity.js';
import type { MemoryReport } from '../report/memory-report.js';
import type { SpeedEstimate } from '../report/speed.js';

/** What a token takes, the mean over a story. */
export interface TokenReport {
  /** Of the embedding, how many the output head reads; null where that is unknown. */
  rowsPerToken: number | null;
  /** Weights that it reads, in flash and RAM together. */
  bytesPerToken: number;
  /** Counted on the emulator; null where they cannot be counted. */
  instructionsPerToken: number | null;
}

/**
 * Everything that a build found out; `build --json` prints it, build-report.json keeps it. What a token takes is here that of a
 * story of the likeliest tokens.
 */
export interface BuildReport extends TokenReport {
  board: string;
  model: string;
  framework: Framework;
  /** Folder of the generated project. */
  project: string;
  /** Files to flash; empty where only the vendor's tool makes one. */
  artifacts: string[];
  /** Ternary kernel that was chosen. */
  kernel: string;
  /** How many cores share each product. */
  cores: CoreCount;
  /**
   * How many did on the emulator: one, where none has two of these cores. Then instructions and estimate are of one core.
   */
  emulatedCores: CoreCount;
  flash: MemoryReport;
  ram: MemoryReport;
  /** Of the bytes reserved for the stack, how many a story used at most; null where only the vendor's tool reserves. */
  stackUsed: number | null;
  /** Of the image, how much the firmware copies into RAM and reads there. */
  stagedBytes: number;
  /** What a token of a story takes that is sampled with the console's settings; more, where the vocabulary has clusters. */
  sampled: TokenReport;
  /** Of these, what each of two cores executes, without its waiting; null where one computes or nothing was counted. */
  instructionsOfCores: [number, number] | null;
  /** Of a sampled story, which is what a board tells. */
  estimate: SpeedEstimate;
  /** The same if no weights were copied into RAM. */
  estimateWithoutStaging: SpeedEstimate;
  /** Firmware on the board's emulator against the TypeScript reference. */
  parity: ParityReport;
  /** The file that is flashed, on an emulator of the whole chip; null where there is none. */
  chipParity: ParityReport | null;
  /** The same sources compiled for this computer; null without a C compiler for it. */
  hostParity: ParityReport | null;
  /** How to get a binary, where this build made none; else null. */
  howToCompile: string | null;
}
