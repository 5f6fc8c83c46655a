import { type Command, InvalidArgumentError } from 'commander';
import { readModel } from '../checkpoint/checkpoint.js';
import { FlashlmError } from '../errors.js';
import { FloatSession } from '../float/forward.js';
import type { FloatModel } from '../float/model.js';
import { readImage } from '../image/read.js';
import { IntegerSession } from '../integer/forward.js';
import type { IntegerModel } from '../integer/model.js';
import { DEFAULT_MODEL, findModel, findWeights, readModelImage } from '../model/find.js';
import { quantise } from '../quantise/quantise.js';
import { withoutPieces } from '../quantise/reorder.js';

const EXAMPLES = `
Examples:
  flashlm-mcu logits --model checkpoints/bolt --tokens 3,17,5
  flashlm-mcu logits --model checkpoints/bolt --tokens 3,17,5 --json > logits.json
Tokens are the model's own ids: for an imported folder those of the imported model, for an image those of the chip.
`;

/** One natural logarithm unit of an integer logit: 16 fraction bits (docs/arithmetic.md, section 2). */
const INTEGER_LOGIT_UNIT = 2 ** -16;

interface LogitsOptions {
  model: string;
  tokens: number[];
  json?: boolean;
}

/** Both arithmetics of one model; an image has no float. */
interface LogitModels {
  float: FloatModel | null;
  integer: IntegerModel;
}

/** `logits`: what a model predicts after each of a few tokens, for comparison with other implementations. */
export function addLogitsCommand(program: Command): void {
  program
    .command('logits')
    .description('logits after each token, in float and in the integers of the chip')
    .requiredOption('--tokens <ids>', 'token ids from an empty context, such as 1,2,3', tokenList)
    .option('--model <name>', 'a shipped model, a checkpoint folder, or an image', DEFAULT_MODEL)
    .option('--json', 'print one JSON document: {"float": [[...]], "integer": [[...]]}')
    .addHelpText('after', EXAMPLES)
    .action(runLogits);
}

async function runLogits({ model: name, tokens, json }: LogitsOptions): Promise<void> {
  const models = await loadModels(name);
  requireTokens(tokens, models.integer.config.vocabulary);
  const float = models.float === null ? null : new FloatSession(models.float);
  const integer = new IntegerSession(models.integer);
  const floatRows = float === null ? null : tokens.map((token) => Float64Array.from(float.step(token)));
  const integerRows = tokens.map((token) =>
    Float64Array.from(integer.step(token), (logit) => logit * INTEGER_LOGIT_UNIT),
  );
  if (json === true) return printJson({ model: models.integer.name, tokens }, floatRows, integerRows);
  process.stdout.write(`${describe(tokens, floatRows, integerRows).join('\n')}\n`);
}

/** A folder's integers are made from its weights, so that both have the same ids; an image is what it is. */
async function loadModels(name: string): Promise<LogitModels> {
  const directory = await findWeights(name);
  if (directory === null) {
    return { float: null, integer: readImage(await readModelImage(await findModel(name))) };
  }
  const float = await readModel(directory);
  return { float, integer: quantise(float, withoutPieces(float.config.vocabulary)) };
}

function requireTokens(tokens: number[], vocabulary: number): void {
  const outside = tokens.find((token) => token >= vocabulary);
  if (outside === undefined) return;
  throw new FlashlmError(
    'bad-argument',
    `Token ${outside} is not in the model's vocabulary.`,
    `Use tokens 0 to ${vocabulary - 1}.`,
  );
}

/** One line for each position: a document of a large vocabulary would be too long for one text. */
function printJson(
  head: Record<string, unknown>,
  floatRows: Float64Array[] | null,
  integerRows: Float64Array[],
): void {
  process.stdout.write(`${JSON.stringify(head).slice(0, -1)},\n"float":`);
  printRows(floatRows);
  process.stdout.write(',\n"integer":');
  printRows(integerRows);
  process.stdout.write('}\n');
}

function printRows(rows: Float64Array[] | null): void {
  if (rows === null) {
    process.stdout.write('null');
    return;
  }
  for (const [position, row] of rows.entries()) {
    process.stdout.write(`${position === 0 ? '[\n' : ',\n'}${JSON.stringify(Array.from(row))}`);
  }
  process.stdout.write(']');
}

function describe(tokens: number[], floatRows: Float64Array[] | null, integerRows: Float64Array[]): string[] {
  return tokens.map((token, position) => {
    const integer = integerRows[position];
    const likeliest = integer.indexOf(integer.reduce((most, logit) => Math.max(most, logit)));
    const float = floatRows?.[position];
    const start = `after token ${token}: the likeliest is ${likeliest}, logit ${integer[likeliest].toFixed(4)}`;
    if (float === undefined) return `${start} (integer)`;
    const difference = integer.reduce((most, logit, i) => Math.max(most, Math.abs(logit - float[i])), 0);
    return `${start} (float ${float[likeliest].toFixed(4)}); integer and float differ by at most ${difference.toFixed(4)}`;
  });
}

function tokenList(text: string): number[] {
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) {
    throw new InvalidArgumentError('Give token ids with commas between them, such as 1,2,3.');
  }
  return text.split(',').map(Number);
}
