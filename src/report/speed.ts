import type { Board, Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import type { SectionName } from '../image/format.js';
import { parseHeader } from '../image/header.js';
import { listSections } from '../image/read.js';
import { formatScaled } from './format.js';

/**
 * Bytes of the image that one token reads: ternary matrices, norms and taps, the clusters or the screen, the rows of
 * the embedding that the head reads, and the token's own row.
 *
 * @param headRows of the embedding that the head reads, a mean; left out: the fewest it could be, which is one with a
 *   screen, those of one average cluster with clusters, and else all of them
 * @param stageBytes of the screen's records that the head reads, a mean; left out: the first stage
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function bytesPerToken(image: Uint8Array, headRows?: number, stageBytes?: number): number {
  const { vocabulary, clusters } = parseHeader(image).config;
  const sections = listSections(image);
  const stages = sections.filter(({ name }) => name === 'screen_stage');
  const fewest = stages.length > 0 ? 1 : clusters === undefined ? vocabulary : vocabulary / clusters;
  const rows = headRows ?? fewest;
  const read = sections.map(
    ({ name, bytes }) => bytes * shareThatATokenReads(name, rows / vocabulary, 1 / vocabulary),
  );
  return Math.round(read.reduce((sum, bytes) => sum + bytes, stageBytes ?? stages[0]?.bytes ?? 0));
}

/**
 * How much of a section one token reads, 0..1 (own row and head may overlap, and then both are counted).
 *
 * @param headRows share of the embedding's rows that the head reads
 * @param oneRow share of a single row
 */
function shareThatATokenReads(name: SectionName, headRows: number, oneRow: number): number {
  switch (name) {
    case 'fixed_point': // compiled into the program
    case 'piece_offsets': // pieces only become text
    case 'piece_bytes':
    case 'screen_numbers':
    case 'screen_stage': // counted apart
      return 0;
    case 'embedding':
    case 'embedding_multiplier':
      return headRows + oneRow;
    case 'token_of_row':
    case 'screen_tokens':
      return headRows;
    case 'row_of_token':
      return oneRow;
    default:
      return 1;
  }
}

/** What a token takes, as measured or, before anything is compiled, as far as it is known. */
export interface TokenWork {
  /** Weights that it reads. */
  bytesPerToken: number;
  /** Of these, how many lie in RAM. */
  stagedBytes: number;
  /** null where they were not counted */
  instructionsPerToken: number | null;
  /** That share it, where they were counted together: then the instructions are those executed one after another. */
  cores?: CoreCount;
}

/** An upper limit from the board's data, not a measurement. */
export interface SpeedEstimate extends TokenWork {
  /** null where the board's file gives no rates, as for the host */
  tokensPerSecond: number | null;
  /** What holds the speed down. */
  limit: Limit | null;
  /** What memory can deliver and what the core can execute, the slower one first; without what is not known. */
  ceilings: Ceiling[];
  /** The calculation, as one line for people. */
  arithmetic: string;
}

export type Limit = WeightSource['memory'] | 'instructions';

/** Where the weights lie that are not copied to the chip's own RAM. */
export interface WeightSource {
  memory: 'flash' | 'external RAM';
  /** At which the core reads them there in order; null where the board's file says nothing of it. */
  bytesPerSecond: number | null;
}

/** External RAM, to which frameworks copy the image where it fits in; else flash. @param imageBytes length of the image */
export function weightSourceOf({ memory }: Board, framework: Framework, imageBytes: number): WeightSource {
  const { externalRam, flashBytesPerSecond } = memory;
  return externalRam === undefined || framework === 'bare' || imageBytes > externalRam.bytes
    ? { memory: 'flash', bytesPerSecond: flashBytesPerSecond }
    : { memory: 'external RAM', bytesPerSecond: externalRam.bytesPerSecond };
}

/** What a token takes, as counted on an emulator. */
export interface CountedCost {
  bytesPerToken: number;
  instructionsPerToken: number | null;
  /** That shared them. */
  cores: CoreCount;
}

/** What one part of a board allows at most. */
export interface Ceiling {
  limit: Limit;
  tokensPerSecond: number;
  /** As one line for people. */
  arithmetic: string;
}

/**
 * Tokens per second: the smaller of what flash, or the RAM to which the image is copied, can deliver and what the core can
 * execute. Where flash is read a page at a time, one waits for the other, and their times add up.
 */
export function estimateSpeed(board: Board, source: WeightSource, work: TokenWork): SpeedEstimate {
  const rates = [memoryRate(source, work), instructionRate(board, work)]
    .filter((rate) => rate !== null)
    .sort((a, b) => a.tokensPerSecond - b.tokensPerSecond);
  const slowest = rates[0];
  const takeTurns = board.memory.paged !== undefined && rates.length > 1;
  const seconds = rates.reduce((sum, { tokensPerSecond }) => sum + 1 / tokensPerSecond, 0);
  const tokensPerSecond = takeTurns ? 1 / seconds : (slowest?.tokensPerSecond ?? null);
  return {
    ...work,
    tokensPerSecond,
    limit: slowest?.limit ?? null,
    ceilings: rates,
    arithmetic:
      (rates.map(({ limit, arithmetic }) => `${limit}: ${arithmetic}`).join('; ') || 'no estimate') +
      (takeTurns ? `; one after the other: ${formatTokens(1 / seconds)}` : ''),
  };
}

function memoryRate(
  { memory, bytesPerSecond }: WeightSource,
  { bytesPerToken, stagedBytes }: TokenWork,
): Ceiling | null {
  const fromMemory = bytesPerToken - stagedBytes;
  if (bytesPerSecond === null || fromMemory <= 0) return null;
  const tokensPerSecond = bytesPerSecond / fromMemory;
  const bytes =
    stagedBytes === 0
      ? formatScaled(fromMemory, 'B')
      : `(${formatScaled(bytesPerToken, 'B')} - ${formatScaled(stagedBytes, 'B')} in RAM)`;
  return {
    limit: memory,
    tokensPerSecond,
    arithmetic: `${formatScaled(bytesPerSecond, 'B/s')} / ${bytes} a token = ${formatTokens(tokensPerSecond)}`,
  };
}

function instructionRate(
  { chip, instructionsPerClock }: Board,
  { instructionsPerToken, cores = 1 }: TokenWork,
): Ceiling | null {
  if (instructionsPerClock === null || instructionsPerToken === null) return null;
  const tokensPerSecond = (chip.clockHz * instructionsPerClock) / instructionsPerToken;
  return {
    limit: 'instructions',
    tokensPerSecond,
    arithmetic:
      `${formatScaled(chip.clockHz, 'Hz')} x ${instructionsPerClock} a clock / ` +
      `${Number((instructionsPerToken / 1e6).toPrecision(3))} million instructions a token${cores === 2 ? ' of the slower core' : ''} = ${formatTokens(tokensPerSecond)}`,
  };
}

/** A speed for people: "28.5 tokens/s". */
export function formatTokens(tokensPerSecond: number): string {
  return `${tokensPerSecond.toFixed(1)} tokens/s`;
}
