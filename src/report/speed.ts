import type { Board } from '../boards/board.js';
import type { ImageSection, SectionName } from '../image/format.js';
import { listSections } from '../image/read.js';
import { formatScaled } from './format.js';

/** Sections that no step reads: pieces only become text, and fixed_point is compiled into the program. */
const NOT_READ_BY_A_STEP: readonly SectionName[] = ['fixed_point', 'piece_offsets', 'piece_bytes'];

/**
 * Bytes of the image that one token reads: ternary matrices, norms and taps, all rows of the embedding with their
 * multipliers for the head, and the token's own row once more.
 *
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function bytesPerToken(image: Uint8Array): number {
  return bytesReadPerToken(listSections(image));
}

/** The same, from the shapes of an image's sections. */
export function bytesReadPerToken(sections: Pick<ImageSection, 'name' | 'bytes' | 'columns'>[]): number {
  const ownRow = sections.find(({ name }) => name === 'embedding')?.columns ?? 0;
  return sections
    .filter(({ name }) => !NOT_READ_BY_A_STEP.includes(name))
    .reduce((sum, { bytes }) => sum + bytes, ownRow);
}

/** An upper limit from the board's data, not a measurement. */
export interface SpeedEstimate {
  bytesPerToken: number;
  /** null where they were not counted */
  instructionsPerToken: number | null;
  /** null where the board's file gives no rates, as for the host */
  tokensPerSecond: number | null;
  /** What holds the speed down. */
  limit: 'flash' | 'instructions' | null;
  /** The calculation, as one line for people. */
  arithmetic: string;
}

interface Rate {
  limit: 'flash' | 'instructions';
  tokensPerSecond: number;
  arithmetic: string;
}

/**
 * Tokens per second: the smaller of what flash can deliver and what the core can execute.
 *
 * @param instructionsPerToken null where they were not counted; then flash alone decides
 */
export function estimateSpeed(
  board: Board,
  bytesPerToken: number,
  instructionsPerToken: number | null,
): SpeedEstimate {
  const rates = [flashRate(board, bytesPerToken), instructionRate(board, instructionsPerToken)]
    .filter((rate) => rate !== null)
    .sort((a, b) => a.tokensPerSecond - b.tokensPerSecond);
  const slowest = rates[0];
  return {
    bytesPerToken,
    instructionsPerToken,
    tokensPerSecond: slowest?.tokensPerSecond ?? null,
    limit: slowest?.limit ?? null,
    arithmetic: rates.map(({ limit, arithmetic }) => `${limit}: ${arithmetic}`).join('; ') || 'no estimate',
  };
}

function flashRate({ memory }: Board, bytesPerToken: number): Rate | null {
  if (memory.flashBytesPerSecond === null) return null;
  const tokensPerSecond = memory.flashBytesPerSecond / bytesPerToken;
  return {
    limit: 'flash',
    tokensPerSecond,
    arithmetic:
      `${formatScaled(memory.flashBytesPerSecond, 'B/s')} / ${formatScaled(bytesPerToken, 'B')} a token = ` +
      formatTokens(tokensPerSecond),
  };
}

function instructionRate(
  { chip, instructionsPerClock }: Board,
  instructionsPerToken: number | null,
): Rate | null {
  if (instructionsPerClock === null || instructionsPerToken === null) return null;
  const tokensPerSecond = (chip.clockHz * instructionsPerClock) / instructionsPerToken;
  return {
    limit: 'instructions',
    tokensPerSecond,
    arithmetic:
      `${formatScaled(chip.clockHz, 'Hz')} x ${instructionsPerClock} a clock / ` +
      `${Number((instructionsPerToken / 1e6).toPrecision(3))} million instructions a token = ${formatTokens(tokensPerSecond)}`,
  };
}

function formatTokens(tokensPerSecond: number): string {
  return `${tokensPerSecond.toFixed(1)} tokens/s`;
}
