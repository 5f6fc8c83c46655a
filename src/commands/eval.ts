import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { type Checkpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { readStories } from '../data/stories.js';
import { evaluateBpc } from '../evaluate/bpc.js';
import { formatEvaluation } from '../evaluate/format.js';
import { readImage } from '../image/read.js';
import type { IntegerModel } from '../integer/model.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { integerBetween } from './options.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu eval --data stories.txt
  flashlm-mcu eval --model checkpoints/mine --data stories.txt --stories 100 --json
`;

/** `eval`: lossless bits per character of the chip's arithmetic and of the float model. */
export function addEvalCommand(program: Command): void {
  program
    .command('eval')
    .description('lossless bits per character on stories and how they spread, in integer and in float')
    .requiredOption('--data <files...>', 'story files or folders of .txt files')
    .option('--model <name>', 'a shipped model, a checkpoint folder, or an image', DEFAULT_MODEL)
    .option('--stories <n>', 'evaluate the first n stories only', integerBetween(1, 1e9))
    .option('--workers <n>', 'worker threads', integerBetween(1, 256))
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runEval);
}

interface EvalOptions {
  data: string[];
  model: string;
  stories?: number;
  workers?: number;
  json?: boolean;
}

async function runEval(options: EvalOptions): Promise<void> {
  const files = await findModel(options.model);
  const integerModel = readImage(await readModelImage(files));
  const checkpoint = await readCheckpointBeside(files.directory);
  const tokenizer = tokenizerOf(integerModel, checkpoint);
  const stories = (await readStories(options.data)).slice(0, options.stories);
  const bar = startProgressBar('evaluating');
  const result = await evaluateBpc({
    stories,
    tokenizer,
    integerModel,
    ...(checkpoint === null ? {} : { floatModel: checkpoint.model }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    onProgress: ({ stories: done, totalStories, tokens, totalTokens }) =>
      bar.update(tokens / totalTokens, `${done} of ${totalStories} stories`),
  }).finally(() => bar.stop());
  printResult(options.json, { model: integerModel.name, ...result }, () =>
    formatEvaluation(integerModel.name, result),
  );
}

/** The checkpoint beside an image; null where there is only the image. */
async function readCheckpointBeside(directory: string): Promise<Checkpoint | null> {
  const weights = await stat(path.join(directory, 'model.safetensors')).catch(() => null);
  return weights === null ? null : readCheckpoint(directory);
}

/**
 * An imported model learned its texts as GPT-2 cuts them, and is measured on them; an image alone, like a chip, cuts
 * them greedily (docs/import.md says how often that differs).
 */
function tokenizerOf({ pieces }: IntegerModel, checkpoint: Checkpoint | null): Tokenizer {
  const trained = checkpoint?.tokenizer;
  const isSame =
    trained?.vocabularySize === pieces.length &&
    trained.pieces.every((piece, token) => Buffer.compare(piece, pieces[token]) === 0);
  return isSame && trained.cut === 'gpt2' ? trained : Tokenizer.fromPieces(pieces);
}
