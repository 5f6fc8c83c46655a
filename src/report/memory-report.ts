import type { Board, Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import type { MemoryUse } from '../compile/memory-use.js';
import { parseHeader } from '../image/header.js';
import { allowanceFor } from './allowances.js';
import { availableFlash } from './board-fit.js';
import { kernelBytesFor } from './kernel-choice.js';
import { pageBytesOf, secondCoreBytesOf, stateBytesOf, variableBytesOn } from './ram.js';

/** Bytes of one kind of memory: what the firmware takes, by part, and what the board has. */
export interface MemoryReport {
  used: number;
  available: number;
  /** Adds up to `used`. */
  parts: MemoryPart[];
  /** Whether these are a linker's figures; false where they are estimates. */
  linked: boolean;
}

export interface MemoryPart {
  name: string;
  bytes: number;
}

/** Both memories of a board. */
export interface MemoryReports {
  flash: MemoryReport;
  ram: MemoryReport;
}

/** Which firmware it is about. */
export interface FirmwarePlace {
  image: Uint8Array;
  board: Board;
  framework: Framework;
  cores: CoreCount;
  /** Of the image, copied into RAM. */
  stagedBytes: number;
}

/**
 * Flash and RAM by part before anything is linked: what the model's shape says, and an allowance for the rest.
 * @throws FlashlmError bad-image for a damaged header; bad-board-file
 */
export function plannedMemory(place: FirmwarePlace): MemoryReports {
  const { image, board, framework, cores, stagedBytes } = place;
  const shape = parseHeader(image).config;
  const variables =
    variableBytesOn(shape, kernelBytesFor(shape, board, framework), cores) + pageBytesOf(board) + stagedBytes;
  const { flashBytes, ramBytes } = allowanceFor(board, framework);
  const of = (what: string) => (framework === 'bare' ? what : `${what} and ${framework}`);
  return reports(place, false, variables, [
    [{ name: `allowance for ${of('program')}`, bytes: flashBytes }],
    [{ name: `allowance for ${of('stack')}`, bytes: ramBytes }],
  ]);
}

/**
 * Flash and RAM by part, as the linker gave them. Only bare firmware reserves a stack; under a framework it has what is left.
 * @throws FlashlmError bad-image for a damaged header; bad-board-file
 */
export function linkedMemory(place: FirmwarePlace, { flash, ram }: MemoryUse): MemoryReports {
  const program = place.framework === 'bare' ? 'program' : `program and ${place.framework}`;
  return reports(place, true, ram.variables, [
    [{ name: program, bytes: flash.program }],
    [{ name: 'stack', bytes: ram.stack }],
  ]);
}

/** @param rest of flash and of RAM: what is neither the model nor a variable */
function reports(
  place: FirmwarePlace,
  linked: boolean,
  variableBytes: number,
  [restOfFlash, restOfRam]: [MemoryPart[], MemoryPart[]],
): MemoryReports {
  const report = (available: number, parts: MemoryPart[]): MemoryReport => {
    const taken = parts.filter(({ bytes }) => bytes > 0);
    return { used: taken.reduce((sum, { bytes }) => sum + bytes, 0), available, parts: taken, linked };
  };
  const { image, board, framework } = place;
  return {
    flash: report(availableFlash(board, framework, image.length), [
      { name: 'model', bytes: image.length },
      ...restOfFlash,
    ]),
    ram: report(availableRam(place), [...variableParts(place, variableBytes), ...restOfRam]),
  };
}

/** RAM in bytes, with another one that the board's file names for copies of weights, if there are any. */
function availableRam({ board, framework, stagedBytes }: FirmwarePlace): number {
  const { stagingSection, stagingBytes = 0 } = board.arduino ?? {};
  const isElsewhere = stagingSection !== undefined && framework !== 'bare' && stagedBytes > 0;
  return board.memory.ramBytes + (isElsewhere ? stagingBytes : 0);
}

/** Variables by part: the model's shape says how much of them is whose, and the console has the rest. */
function variableParts(
  { image, board, framework, cores, stagedBytes }: FirmwarePlace,
  variableBytes: number,
): MemoryPart[] {
  const shape = parseHeader(image).config;
  const { memory, history, vectors } = stateBytesOf(shape);
  const tables = kernelBytesFor(shape, board, framework);
  const second = secondCoreBytesOf(shape, tables);
  const parts = [
    { name: 'staged weights', bytes: stagedBytes },
    { name: 'memory', bytes: memory },
    { name: 'convolutions', bytes: history },
    { name: 'vectors', bytes: vectors },
    { name: 'kernel tables', bytes: tables },
    { name: 'page of flash', bytes: pageBytesOf(board) },
    ...(cores === 2
      ? [
          { name: "second core's tables", bytes: second.tables },
          { name: "second core's sums", bytes: second.sums },
          { name: "second core's stack", bytes: second.stack },
        ]
      : []),
  ];
  const named = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...parts, { name: 'console and sampler', bytes: variableBytes - named }];
}
