import { TOOLCHAINS } from '../compile/toolchains.js';
import { CHIP_EMULATORS } from '../emulate/chip-emulators.js';
import { EMULATORS, type Emulator } from '../emulate/emulators.js';
import type { Board, Framework } from './board.js';
import { partitionProblem } from './partition-problems.js';

/** What of a board's file a framework cannot do without, beside what every board has. */
const FIELDS_OF_FRAMEWORK: Readonly<Record<Framework, readonly ('arduino' | 'platformio' | 'espIdf')[]>> = {
  bare: [],
  arduino: ['arduino'],
  'arduino-library': ['arduino'],
  platformio: ['arduino', 'platformio'],
  'esp-idf': ['espIdf'],
};

/**
 * What is wrong with a board whose fields are right each by itself: names of rows that there are not, fields that do not go
 * together.
 *
 * @param fileName its file's, without .json
 * @param ports ids of the folders in firmware/ports
 * @returns field, what is wrong, and what is allowed; null if nothing is wrong
 */
export function boardProblem(board: Board, fileName: string, ports: string[]): string | null {
  const { port, toolchain } = board;
  return (
    missingField(board, ports) ??
    partitionProblem(board) ??
    oneOf('id', board.id, [fileName]) ??
    oneOf('defaultFramework', board.defaultFramework, board.frameworks) ??
    oneOf('port', port, ports) ??
    oneOf(
      'toolchain',
      toolchain,
      TOOLCHAINS.map(({ id }) => id),
    ) ??
    emulatorProblem('emulator', board.emulator, EMULATORS, toolchain) ??
    emulatorProblem('chipEmulator', board.chipEmulator, CHIP_EMULATORS, toolchain) ??
    emulatorProblem(
      'secondCore.emulator',
      board.secondCore?.emulator,
      EMULATORS.filter(({ hasTwoCores }) => hasTwoCores),
      toolchain,
    ) ??
    platformProblem(board)
  );
}

function missingField(board: Board, ports: string[]): string | null {
  for (const framework of board.frameworks) {
    const field = FIELDS_OF_FRAMEWORK[framework].find((name) => board[name] === undefined);
    if (field !== undefined) return `field "${field}": is needed for the framework ${framework}`;
  }
  return board.frameworks.includes('bare') && board.port === undefined
    ? `field "port": is needed for the framework bare, must be one of ${ports.join(', ')}`
    : null;
}

function oneOf(field: string, value: string | undefined, allowed: readonly string[]): string | null {
  return value === undefined || allowed.includes(value)
    ? null
    : `field "${field}": is "${value}", must be one of ${allowed.join(', ')}`;
}

/** An emulator that there is not, or that cannot run what the board's compiler makes. */
function emulatorProblem(
  field: string,
  value: string | undefined,
  emulators: readonly Emulator[],
  toolchain: string,
): string | null {
  const suitable = emulators.filter(({ toolchains }) => toolchains.includes(toolchain));
  const problem = oneOf(
    field,
    value,
    suitable.map(({ id }) => id),
  );
  if (problem === null) return null;
  const reason = `for the toolchain ${toolchain}`;
  return suitable.length === 0
    ? `field "${field}": is "${value}", must be left out ${reason}`
    : `${problem} ${reason}`;
}

function platformProblem({ arduino }: Board): string | null {
  return arduino === undefined || arduino.fqbn.startsWith(`${arduino.platform}:`)
    ? null
    : `field "arduino.fqbn": is "${arduino.fqbn}", must begin with "${arduino.platform}:" (arduino.platform)`;
}
