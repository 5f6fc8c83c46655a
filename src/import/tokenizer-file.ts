import { readFile } from 'node:fs/promises';
import { FlashlmError } from '../errors.js';
import { inChipOrder, readStoredTokenizer, type StoredTokenizer } from '../tokenizer/file.js';
import { isFlashlmTokenizer, parseFlashlmTokenizer } from './flashlm-tokenizer.js';

/**
 * Reads the tokenizer that came with a model: FlashLM's tokenizer.json, or one of flashlm-mcu for a model that was
 * trained in PyTorch with it.
 *
 * @throws FlashlmError missing-file or bad-tokenizer
 */
export async function readForeignTokenizer(file: string): Promise<StoredTokenizer> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new FlashlmError(
      'missing-file',
      `There is no tokenizer ${file}.`,
      "Give the model's tokenizer.json.",
      { cause },
    );
  });
  const json = parseJson(text);
  if (isFlashlmTokenizer(json)) return inChipOrder(await parseFlashlmTokenizer(json, file), 'gpt2');
  return readStoredTokenizer(file).catch((cause) => {
    throw new FlashlmError(
      'bad-tokenizer',
      `${file} is neither a tokenizer of FlashLM v4 nor one of flashlm-mcu.`,
      'Give the tokenizer.json that was saved beside the model; docs/import.md shows its form.',
      { cause },
    );
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
