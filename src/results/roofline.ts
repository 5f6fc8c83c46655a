import type { Board } from '../boards/board.js';
import { chooseStaging } from '../generate/staging.js';
import { listSections } from '../image/read.js';
import { escapeMarkdown, markdownTable } from '../markdown.js';
import type { BoardSummary } from '../report/board-list.js';
import { formatCount, formatScaled } from '../report/format.js';
import { estimateSpeed, type SpeedEstimate, weightSourceOf } from '../report/speed.js';
import { type MeasuredImage, summaryOf } from './board-tables.js';

/** Both ceilings of a board's speed, in tokens per second, and what copies of weights in RAM do for it. */
export interface Roofline {
  /** What memory can deliver where nothing is copied to RAM, and with what is; null: it is no limit. */
  byMemory: { unstaged: number | null; staged: number | null };
  /** What the core can execute; null where its instructions were not counted. */
  byInstructions: number | null;
  /** Bytes of the ternary core that are copied to RAM. */
  stagedBytes: number;
  /** Bytes of all of it: every section of every block. */
  coreBytes: number;
  /** Both ceilings together: with nothing in RAM, with what is there, and if all of the ternary core were. */
  expected: { unstaged: number | null; staged: number | null; whole: number | null };
}

/** A board that a model fits, and its ceilings. */
interface RoofedBoard {
  board: Board;
  summary: BoardSummary & { fit: NonNullable<BoardSummary['fit']> };
  roofline: Roofline;
}

/** @param estimate of the board's speed as it is built */
export function rooflineOf(board: Board, image: Uint8Array, estimate: SpeedEstimate): Roofline {
  const { stagedBytes } = estimate;
  const coreBytes = chooseStaging(listSections(image), Number.POSITIVE_INFINITY).bytes;
  const source = weightSourceOf(board, board.defaultFramework, image.length);
  const speed = (work: Partial<SpeedEstimate>) =>
    estimateSpeed(board, source, { ...estimate, ...work }).tokensPerSecond;
  return {
    byMemory: {
      unstaged: speed({ stagedBytes: 0, instructionsPerToken: null }),
      staged: speed({ instructionsPerToken: null }),
    },
    byInstructions: speed({ bytesPerToken: 0, stagedBytes: 0 }),
    stagedBytes,
    coreBytes,
    expected: {
      unstaged: speed({ stagedBytes: 0 }),
      staged: estimate.tokensPerSecond,
      whole: speed({ stagedBytes: coreBytes }),
    },
  };
}

/** The part of a page of boards that says what limits each board that the model fits, as Markdown. */
export function renderRoofline(measured: MeasuredImage, boards: Board[]): string {
  const roofed = boards.flatMap((board): RoofedBoard[] => {
    const { fit, estimate, ...summary } = summaryOf(board, measured);
    if (fit?.fits !== true || estimate?.tokensPerSecond == null) return [];
    return [
      {
        board,
        summary: { ...summary, fit, estimate },
        roofline: rooflineOf(board, measured.image, estimate),
      },
    ];
  });
  if (roofed.length === 0) return 'The model fits none of these boards.';
  const { coreBytes } = roofed[0].roofline;
  return [
    'Tokens per second. Memory: bytes per second / bytes that a token reads there. Core: clock x instructions per clock / ' +
      `instructions per token. The ternary core are all sections of all blocks, ${formatCount(coreBytes)} bytes, each read once for a token; ` +
      'what is staged of it is copied to RAM before a story begins. ' +
      'The smaller of memory and core is expected; where flash is read a page at a time, one waits for the other.',
    markdownTable([
      [
        ...['board', 'memory', 'memory, staged', 'core', 'staged', 'expected, nothing staged', 'expected'],
        'expected, all staged',
      ],
      ...roofed.map(({ board, roofline: { byMemory, byInstructions, expected, ...roofline } }) => [
        escapeMarkdown(board.name),
        ...[byMemory.unstaged, byMemory.staged, byInstructions].map(formatSpeed),
        formatShare(roofline),
        ...[expected.unstaged, expected.staged, expected.whole].map(formatSpeed),
      ]),
    ]),
    `The ternary core in RAM, all ${formatCount(coreBytes)} bytes of it or not:`,
    roofed
      .filter(({ roofline }) => roofline.byMemory.unstaged !== null)
      .map((one) => `- ${escapeMarkdown(one.board.name)}: ${describeWholeCore(one, measured.image.length)}`)
      .join('\n'),
    'The constants, and where each comes from:',
    roofed.map(({ board }) => `- ${describeConstants(board)}`).join('\n'),
  ].join('\n\n');
}

function formatSpeed(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? '-' : tokensPerSecond.toFixed(1);
}

function formatShare({ stagedBytes, coreBytes }: Pick<Roofline, 'stagedBytes' | 'coreBytes'>): string {
  return `${Math.round((100 * stagedBytes) / coreBytes)}%`;
}

/** How much of the core is in RAM, what keeps the rest out, and what that costs; in sentences. */
function describeWholeCore({ board, summary, roofline }: RoofedBoard, imageBytes: number): string {
  const { stagedBytes, coreBytes, expected } = roofline;
  const external = board.memory.externalRam;
  const copied =
    external === undefined || weightSourceOf(board, board.defaultFramework, imageBytes).memory === 'flash'
      ? ''
      : `the whole image, ${formatCount(imageBytes)} bytes, is copied to the external RAM, which delivers ${formatScaled(external.bytesPerSecond, 'B/s')}; `;
  const place = external === undefined ? 'RAM' : "the chip's own RAM";
  if (stagedBytes >= coreBytes) return `${copied}all of it is in ${place}.`;
  const amount = `${formatCount(stagedBytes)} bytes, ${formatShare(roofline)}, are`;
  const staged = `${stagedBytes === 0 ? 'none of it is' : amount} in ${place}`;
  const room = roomFor(board, summary);
  if (formatSpeed(expected.whole) === formatSpeed(expected.staged)) {
    return `${copied}${staged}. The core is the limit: all of it there would be no faster${lackOfRoom(room, coreBytes)}.`;
  }
  return (
    `${copied}${staged}. ${reasonOf(room, summary.fit.ram.available, coreBytes)} ` +
    `All of it would give ${formatSpeed(expected.whole)} instead of ${formatSpeed(expected.staged)} tokens/s.`
  );
}

/** What RAM has for copies of weights. */
interface Room {
  /** Bytes that program and variables leave of their own RAM. */
  free: number;
  /** Bytes that a sketch may take, in the section of another RAM if one is named; null: bare firmware may take what is free. */
  granted: { bytes: number; section: string | undefined } | null;
}

function roomFor({ defaultFramework, arduino }: Board, { fit }: RoofedBoard['summary']): Room {
  const free = Math.max(0, fit.ram.available - fit.ram.used);
  if (defaultFramework === 'bare') return { free, granted: null };
  return { free, granted: { bytes: arduino?.stagingBytes ?? 0, section: arduino?.stagingSection } };
}

/** That all of the core finds no room, as the end of a sentence; empty where it does. */
function lackOfRoom({ free, granted }: Room, coreBytes: number): string {
  const isElsewhere = granted?.section !== undefined;
  if ((isElsewhere ? granted.bytes : free) >= coreBytes) return '';
  return isElsewhere
    ? `, and has no room: the section ${granted.section} may take ${formatCount(granted.bytes)} bytes`
    : `, and has no room: ${formatCount(free)} bytes are left beside program and variables`;
}

/** What keeps the rest out of RAM, where it would gain something there. */
function reasonOf({ free, granted }: Room, ramBytes: number, coreBytes: number): string {
  if (granted?.section !== undefined) {
    return (
      `The copy lies in another RAM than the variables, in the section ${granted.section}, which may take ${formatCount(granted.bytes)} bytes. ` +
      `The RAM of the variables has ${formatCount(free)} left, but a copy is one piece in one place.`
    );
  }
  const grant = granted === null ? '' : `, of which its file grants a sketch ${formatCount(granted.bytes)}`;
  return free < coreBytes
    ? `Beside program and variables ${formatCount(free)} of ${formatCount(ramBytes)} bytes of RAM are left${grant}.`
    : `RAM would hold it: ${formatCount(free)} bytes are left beside program and variables${grant}.`;
}

/** By how the sentences of a board's `sources` begin that say where a constant of its speed comes from. */
const CONSTANTS = [/\bclock\b/i, /\bflashBytesPerSecond\b/, /\bexternalRam\b/, /\binstructionsPerClock\b/];

/** Sentences of a board's file about the constants of its speed. */
export function constantSources({ sources }: Board): string[] {
  return sources.filter((source) => CONSTANTS.some((constant) => constant.test(source.split(': ')[0])));
}

function describeConstants(board: Board): string {
  const { name, chip, memory, instructionsPerClock } = board;
  const numbers = [
    formatScaled(chip.clockHz, 'Hz'),
    `${instructionsPerClock} instructions a clock`,
    ...(memory.flashBytesPerSecond === null
      ? []
      : [`flash ${formatScaled(memory.flashBytesPerSecond, 'B/s')}`]),
    ...(memory.externalRam === undefined
      ? []
      : [`external RAM ${formatScaled(memory.externalRam.bytesPerSecond, 'B/s')}`]),
  ];
  return `${escapeMarkdown(name)}: ${numbers.join(', ')}. ${constantSources(board).map(escapeMarkdown).join(' ')}`;
}
