import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { loadGpt2 } from './gpt2.js';
import { Gpt2Tokenizer } from './gpt2-tokenizer.js';
import { chipOrder, type ModelVocabulary } from './model-vocabulary.js';
import { END_OF_STORY, FIRST_PIECE_TOKEN, Tokenizer, type TokenizerCut } from './tokenizer.js';

/** What a tokenizer file says. */
export interface StoredTokenizer {
  /** In the order of a chip. */
  tokenizer: Tokenizer;
  /** In the order of the model's own ids. */
  vocabulary: ModelVocabulary;
  /** The model's id behind each token of `tokenizer`; null where they are the same. */
  rows: Uint16Array | null;
}

/** Text where the bytes are text, so that a person can read the file. */
const pieceSchema = z.union([z.string().min(1), z.array(z.int().min(0).max(255)).min(1)]);

/** Models trained here: learned pieces only; end-of-story and the 256 bytes are implied. */
const learnedSchema = z.strictObject({
  format: z.literal('flashlm-tokenizer'),
  version: z.literal(1),
  pieces: z.array(z.string().min(1)),
});

/** Imported models: every id of the model, in its own order. */
const importedSchema = z.strictObject({
  format: z.literal('flashlm-tokenizer'),
  version: z.literal(2),
  cut: z.enum(['greedy', 'gpt2']),
  endOfStory: z.int().min(0),
  standIn: z.int().min(0),
  pieces: z.array(pieceSchema.nullable()).max(65535),
});

const fileSchema = z.discriminatedUnion('version', [learnedSchema, importedSchema]);

/** Saves a tokenizer as one JSON file that a person can read. */
export async function writeTokenizer(file: string, tokenizer: Tokenizer): Promise<void> {
  const { cut, pieces, learnedPieces } = tokenizer;
  const learned = pieces.slice(FIRST_PIECE_TOKEN);
  if (cut === 'greedy' && learned.every((piece) => typeof readable(piece) === 'string')) {
    const content = { format: 'flashlm-tokenizer', version: 1, pieces: learnedPieces };
    return writeFileAtomically(file, `${JSON.stringify(content, null, 1)}\n`);
  }
  await writeModelVocabulary(file, vocabularyOf(pieces), cut);
}

/** Saves the vocabulary of an imported model, in the order of its own ids. */
export async function writeModelVocabulary(
  file: string,
  { endOfStory, standIn, pieces }: ModelVocabulary,
  cut: TokenizerCut,
): Promise<void> {
  const lines = pieces.map((piece) => JSON.stringify(piece === null ? null : readable(piece)));
  const head = JSON.stringify({ format: 'flashlm-tokenizer', version: 2, cut, endOfStory, standIn });
  await writeFileAtomically(file, `${head.slice(0, -1)},\n"pieces":[\n${lines.join(',\n')}\n]}\n`);
}

/**
 * Loads a tokenizer file, in the order of a chip.
 * @throws FlashlmError missing-file or bad-tokenizer
 */
export async function readTokenizer(file: string): Promise<Tokenizer> {
  return (await readStoredTokenizer(file)).tokenizer;
}

/**
 * Loads a tokenizer file with the order of its model's ids.
 * @throws FlashlmError missing-file or bad-tokenizer
 */
export async function readStoredTokenizer(file: string): Promise<StoredTokenizer> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new FlashlmError(
      'missing-file',
      `There is no tokenizer ${file}.`,
      'Train one: flashlm-mcu tokenizer train.',
      {
        cause,
      },
    );
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const content = fileSchema.safeParse(json).data;
  if (content === undefined || (content.version === 2 && !hasItsIds(content))) {
    throw new FlashlmError('bad-tokenizer', `${file} is not a tokenizer of flashlm-mcu.`, 'Train it again.');
  }
  if (content.version === 1) {
    const tokenizer = new Tokenizer(content.pieces);
    return { tokenizer, vocabulary: vocabularyOf(tokenizer.pieces), rows: null };
  }
  const pieces = content.pieces.map((piece) => (piece === null ? null : new Uint8Array(Buffer.from(piece))));
  return inChipOrder({ ...content, pieces }, content.cut);
}

/**
 * A model's vocabulary as a tokenizer.
 * @throws FlashlmError bad-tokenizer
 */
export async function inChipOrder(vocabulary: ModelVocabulary, cut: TokenizerCut): Promise<StoredTokenizer> {
  const { learnedPieces, rows } = chipOrder(vocabulary);
  const tokenizer =
    cut === 'gpt2' ? new Gpt2Tokenizer(learnedPieces, await loadGpt2()) : new Tokenizer(learnedPieces);
  return { tokenizer, vocabulary, rows };
}

/** Of a model whose own ids are those of a chip: it has every byte, so that nothing stands in. */
function vocabularyOf(pieces: readonly Uint8Array[]): ModelVocabulary {
  return {
    endOfStory: END_OF_STORY,
    standIn: END_OF_STORY,
    pieces: pieces.map((piece, token) => (token === END_OF_STORY ? null : piece)),
  };
}

function hasItsIds({ endOfStory, standIn, pieces }: z.infer<typeof importedSchema>): boolean {
  return endOfStory < pieces.length && standIn < pieces.length;
}

function readable(piece: Uint8Array): string | number[] {
  const text = Buffer.from(piece).toString('utf8');
  return Buffer.compare(Buffer.from(text, 'utf8'), piece) === 0 ? text : [...piece];
}
