import type { Framework } from '../boards/board.js';
import type { ParityReport } from '../parity/parity.js';
import type { SpeedEstimate } from '../report/speed.js';

/** Bytes of one kind of memory: what the firmware takes, by part, and what the board has. */
export interface MemoryReport {
  used: number;
  available: number;
  /** Adds up to `used`. */
  parts: { name: string; bytes: number }[];
  /** False where the vendor's compiler would have the last word: then parts are estimates, and say so. */
  linked: boolean;
}

/** Everything that a build found out; `build --json` prints it, build-report.json keeps it. */
export interface BuildReport {
  board: string;
  model: string;
  framework: Framework;
  /** Folder of the generated project. */
  project: string;
  /** Files to flash; empty where only the vendor's tool makes one. */
  artifacts: string[];
  /** Ternary kernel that was chosen. */
  kernel: string;
  flash: MemoryReport;
  ram: MemoryReport;
  bytesPerToken: number;
  /** Counted on the emulator; null where they cannot be counted. */
  instructionsPerToken: number | null;
  estimate: SpeedEstimate;
  /** Firmware on the board's emulator against the TypeScript reference. */
  parity: ParityReport;
  /** The same sources compiled for this computer; null without a C compiler for it. */
  hostParity: ParityReport | null;
  /** How to get a binary, where this build made none; else null. */
  howToCompile: string | null;
}
