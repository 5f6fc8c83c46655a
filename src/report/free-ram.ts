import type { Board, Framework } from '../boards/board.js';
import type { CoreCount } from '../boards/cores.js';
import { parseHeader } from '../image/header.js';
import { allowanceFor } from './allowances.js';
import { kernelBytesFor } from './kernel-choice.js';
import { pageBytesOf, variableBytesOn } from './ram.js';

/** Between what is counted and what the linker may add for alignment. */
const MARGIN_BYTES = 1024;

/**
 * RAM in bytes that a model's own variables leave free on a board, for copies of weights. Bare, all that is left: nobody
 * else wants it. Under a vendor's framework, as much of it as the board's file grants, or of another RAM that it names; and none on this computer,
 * which has no flash.
 *
 * @param cores that compute; a second one has variables of its own
 * @throws FlashlmError bad-image for a damaged header
 */
export function freeRamForWeights(
  image: Uint8Array,
  board: Board,
  framework: Framework,
  cores: CoreCount = 1,
): number {
  if (board.memory.flashBytesPerSecond === null) return 0;
  const shape = parseHeader(image).config;
  const variables =
    variableBytesOn(shape, kernelBytesFor(shape, board, framework), cores) + pageBytesOf(board);
  const taken = variables + allowanceFor(board, framework).ramBytes;
  const free = Math.max(0, board.memory.ramBytes - taken - MARGIN_BYTES);
  if (framework === 'bare') return free;
  const granted = grantedBytes(board, framework);
  return board.arduino?.stagingSection === undefined ? Math.min(free, granted) : granted;
}

function grantedBytes({ arduino, espIdf }: Board, framework: Framework): number {
  return (framework === 'esp-idf' ? espIdf?.stagingBytes : arduino?.stagingBytes) ?? 0;
}
