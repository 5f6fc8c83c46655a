import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { TOKENIZER_FILE, writeModel } from '../checkpoint/checkpoint.js';
import { decodeSafetensors } from '../checkpoint/safetensors.js';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { FloatModel } from '../float/model.js';
import { writeImage } from '../image/write.js';
import { parameterCount } from '../model/config.js';
import { IMAGE_FILE, WEIGHTS_FILE } from '../model/find.js';
import { parameterLayout } from '../model/parameters.js';
import { quantise } from '../quantise/quantise.js';
import { reorderTokens, withoutPieces } from '../quantise/reorder.js';
import { withScreen } from '../quantise/screen/screen.js';
import { type StoredTokenizer, writeModelVocabulary, writeTokenizer } from '../tokenizer/file.js';
import { chipOrder } from '../tokenizer/model-vocabulary.js';
import { readStateDict } from './state-dict.js';
import { readForeignTokenizer } from './tokenizer-file.js';
import { readWeightsFile } from './weights-file.js';

export interface ImportRequest {
  /** model.pt or model.safetensors */
  file: string;
  /** tokenizer.json; null to import the weights alone */
  tokenizer: string | null;
  /** Folder of the checkpoint that is made; its name becomes the model's. */
  directory: string;
}

export interface ImportResult {
  model: FloatModel;
  parameters: number;
  /** null without a tokenizer */
  tokenizer: StoredTokenizer | null;
  /** Bytes that the model has no token for, and that a chip has nevertheless. */
  missingBytes: number;
  /** Bytes of model.flm; null without a tokenizer, because an image holds the text of every token. */
  imageBytes: number | null;
}

/** Key of the safetensors metadata that tells an imported checkpoint from one that was trained here. */
const IMPORTED_FROM = 'imported_from';

/**
 * Makes a checkpoint folder of a FlashLM v4 that was trained with PyTorch. Its weights keep all their bits. Nothing is
 * written unless all of it could be read.
 *
 * @throws FlashlmError missing-file, bad-checkpoint, bad-tokenizer, bad-argument for a name that no image can hold,
 *   write-failed
 */
export async function importModel({
  file,
  tokenizer: tokenizerFile,
  directory,
}: ImportRequest): Promise<ImportResult> {
  const model = await readStateDict(await readWeightsFile(file), path.basename(path.resolve(directory)));
  const { vocabulary } = model.config;
  const tokenizer = tokenizerFile === null ? null : await readForeignTokenizer(tokenizerFile);
  if (tokenizer !== null && tokenizer.vocabulary.pieces.length !== vocabulary) {
    throw new FlashlmError(
      'bad-tokenizer',
      `${tokenizerFile} has ${tokenizer.vocabulary.pieces.length} entries, and the model in ${file} has ${vocabulary}.`,
      'Give the tokenizer that the model was trained with.',
    );
  }
  const image = tokenizer === null ? null : imageOf(model, tokenizer);
  await prepareFolder(directory);
  const tensors = new Map(
    parameterLayout(model.config).parameters.map(({ name, shape }) => [
      name,
      { shape, values: model.parameters.get(name) ?? new Float32Array(0) },
    ]),
  );
  if (tokenizer !== null && image !== null) {
    await writeStoredTokenizer(path.join(directory, TOKENIZER_FILE), tokenizer);
    await writeFileAtomically(path.join(directory, IMAGE_FILE), image);
  }
  const metadata = { [IMPORTED_FROM]: path.basename(file) };
  await writeModel(directory, model.config, tensors, 'F32', metadata);
  return {
    model,
    parameters: parameterCount(model.config),
    tokenizer,
    missingBytes: tokenizer === null ? 0 : chipOrder(tokenizer.vocabulary).missingBytes.length,
    imageBytes: image?.length ?? null,
  };
}

/** Quantised in the model's own order, so that every logit on the chip is the one that `logits` shows. */
function imageOf(model: FloatModel, { rows, tokenizer }: StoredTokenizer): Uint8Array {
  const integerModel = quantise(model, withoutPieces(model.config.vocabulary));
  const ordered =
    rows === null
      ? { ...integerModel, pieces: tokenizer.pieces }
      : reorderTokens(integerModel, rows, tokenizer.pieces);
  return writeImage(withScreen(ordered));
}

async function writeStoredTokenizer(file: string, stored: StoredTokenizer): Promise<void> {
  const { rows, vocabulary, tokenizer } = stored;
  return rows === null
    ? writeTokenizer(file, tokenizer)
    : writeModelVocabulary(file, vocabulary, tokenizer.cut);
}

/** Clears what an earlier import left, and refuses to replace a checkpoint that somebody trained. */
async function prepareFolder(directory: string): Promise<void> {
  const weights = path.join(directory, WEIGHTS_FILE);
  const existing = await readFile(weights).catch(() => null);
  if (existing !== null && !isImported(existing)) {
    throw new FlashlmError(
      'bad-argument',
      `${directory} holds a checkpoint that was not imported, and it would be replaced.`,
      'Choose another folder with --out.',
    );
  }
  await mkdir(directory, { recursive: true }).catch((cause) => {
    throw new FlashlmError(
      'write-failed',
      `The folder ${directory} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Choose another folder with --out.',
      { cause },
    );
  });
  for (const name of [TOKENIZER_FILE, IMAGE_FILE]) await rm(path.join(directory, name), { force: true });
}

function isImported(weights: Uint8Array): boolean {
  try {
    return IMPORTED_FROM in decodeSafetensors(weights, WEIGHTS_FILE).metadata;
  } catch {
    return false;
  }
}
