import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { Tokenizer } from './tokenizer.js';

const tokenizerFileSchema = z.strictObject({
  format: z.literal('flashlm-tokenizer'),
  version: z.literal(1),
  /** Learned pieces only: end-of-story and the 256 bytes are implied. */
  pieces: z.array(z.string().min(1)),
});

/** Saves a tokenizer as one JSON file that a person can read. */
export async function writeTokenizer(file: string, tokenizer: Tokenizer): Promise<void> {
  const content = { format: 'flashlm-tokenizer', version: 1, pieces: tokenizer.learnedPieces };
  await writeFileAtomically(file, `${JSON.stringify(content, null, 1)}\n`);
}

/**
 * Loads a tokenizer file.
 * @throws FlashlmError missing-file or bad-tokenizer
 */
export async function readTokenizer(file: string): Promise<Tokenizer> {
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
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  const parsed = tokenizerFileSchema.safeParse(content);
  if (!parsed.success) {
    throw new FlashlmError('bad-tokenizer', `${file} is not a tokenizer of flashlm-mcu.`, 'Train it again.');
  }
  return new Tokenizer(parsed.data.pieces);
}
