import type { Board } from '../boards/board.js';
import { formatBytes } from '../report/format.js';
import type { FlashResult } from './flash-board.js';
import type { FlashedFile } from './project.js';

const PROOFS: Record<NonNullable<FlashResult['verified']>, string> = {
  md5: 'the chip holds what was sent, by its MD5',
  restart: 'the board has taken all of it and restarted',
  'read-back': 'the tool has read back what it wrote',
};
const ACTIONS: Record<FlashedFile['action'], string> = {
  written: 'written:  ',
  unchanged: 'unchanged:',
  planned: 'planned:  ',
};

/** What was flashed, as lines for people. */
export function formatFlashResult(result: FlashResult, board: Board): string[] {
  const { files, target, tool, verified, warnings } = result;
  const lines = files.map(({ action, kind, bytes, offset, path }) => {
    const place = offset === null ? '' : ` at 0x${offset.toString(16)}`;
    return `${ACTIONS[action]} ${kind}${place}, ${formatBytes(bytes)}: ${path}`;
  });
  if (files.every(({ action }) => action === 'planned')) return [...lines, 'Nothing was written.'];
  const where = target === null ? '' : ` on ${target}`;
  const proof = verified === null ? `${tool} does not read back what it writes` : PROOFS[verified];
  return [
    ...lines,
    ...warnings.map((warning) => `warning: ${warning}`),
    `${board.name}${where}: ${proof}.`,
    nextStep(target, verified),
  ];
}

/** How to hear a story now. */
function nextStep(target: string | null, verified: FlashResult['verified']): string {
  const port = target === null || verified === 'restart' ? 'PORT' : target;
  return `Talk to it: flashlm-mcu story --port ${port} "Once upon a time"`;
}
