import { Option } from 'commander';
import type { Board, Framework } from '../boards/board.js';
import { DEFAULT_MODEL } from '../model/find.js';
import { chooseModel } from '../report/model-choice.js';

/** `--model`, for commands that put a model onto a board; without it, `boardModel` chooses. */
export function boardModelOption(): Option {
  return new Option(
    '--model <name>',
    `a shipped model, a checkpoint folder, or an image (default: ${DEFAULT_MODEL} if it fits, else the largest shipped that does)`,
  );
}

/**
 * The image of `--model`, or what suits the board. Why it is not the default model is said on stderr, but not for tools.
 * @throws FlashlmError unknown-model; bad-image
 */
export async function boardModel(
  { model, json }: { model?: string; json?: boolean },
  board: Board,
  framework: Framework,
): Promise<Uint8Array> {
  const { image, reason } = await chooseModel(model, board, framework);
  if (reason !== null && json !== true) process.stderr.write(`${reason}\n`);
  return image;
}
