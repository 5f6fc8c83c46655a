import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';

/** What a board's file says for a framework. */
type PartName = 'arduino' | 'platformio' | 'espIdf';

const NAMES: Readonly<Record<PartName, string>> = {
  arduino: 'the Arduino IDE',
  platformio: 'PlatformIO',
  espIdf: 'ESP-IDF',
};

/** @throws FlashlmError `bad-board-file` for a board without that part */
export function requireBoardPart<Name extends PartName>(board: Board, name: Name): NonNullable<Board[Name]> {
  const part = board[name];
  if (part !== undefined) return part;
  throw new FlashlmError(
    'bad-board-file',
    `The board ${board.id} says nothing about ${NAMES[name]}.`,
    `Choose another framework, or add "${name}" to the board's file.`,
  );
}
