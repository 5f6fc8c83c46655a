import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { loadGpt2 } from '../tokenizer/gpt2.js';
import type { ModelVocabulary } from '../tokenizer/model-vocabulary.js';

/** FlashLM's ids that stand for no text: padding, unknown, beginning (unused), end of a story. */
const PADDING = 0;
const END_OF_STORY = 3;
const SPECIAL_IDS = 4;

const idSchema = z.string().regex(/^\d{1,6}$/);

/**
 * tokenizer.json as FlashLM v4's training script saves it (FlashTokenizer in train_v4_bolt.py,
 * https://github.com/changcheng967/FlashLM): the ids of GPT-2 that are the most frequent in TinyStories, numbered from
 * 4 on in that order.
 */
const flashlmSchema = z.object({
  vocab_size: z.int().min(SPECIAL_IDS).max(65535),
  id_to_base: z.record(idSchema, z.int().min(0)),
  base_to_id: z.record(idSchema, z.int().min(0)).optional(),
});

/** Whether a JSON document is meant to be FlashLM's tokenizer. */
export function isFlashlmTokenizer(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'id_to_base' in json;
}

/**
 * The vocabulary of FlashLM's tokenizer.json.
 *
 * Bytes that it lacks get the embedding of the padding: training never saw it, so the model never expects it. The
 * embedding of FlashLM's "unknown" would be the better input, but it is expected wherever a rare word may come, and
 * shared by a hundred bytes it would drown the others there.
 *
 * @param source the file's name, for messages
 * @throws FlashlmError bad-tokenizer
 */
export async function parseFlashlmTokenizer(json: unknown, source: string): Promise<ModelVocabulary> {
  const bad = (what: string) =>
    new FlashlmError(
      'bad-tokenizer',
      `${source} is not a tokenizer of FlashLM v4: ${what}.`,
      'Use the tokenizer.json that was saved beside the model.',
    );
  const parsed = flashlmSchema.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw bad(`${path.join('.') || 'the document'}: ${message}`);
  }
  const { vocab_size: size, id_to_base: baseOfId, base_to_id: idOfBase } = parsed.data;
  const gpt2 = await loadGpt2();
  const pieces = new Array<Uint8Array | null>(size).fill(null);
  const used = new Set<number>();
  for (const [key, base] of Object.entries(baseOfId)) {
    const id = Number(key);
    if (id < SPECIAL_IDS || id >= size) throw bad(`id ${key} is not among ${SPECIAL_IDS} to ${size - 1}`);
    if (pieces[id] !== null || used.has(base))
      throw bad(`token ${base} of GPT-2 or id ${key} stands twice in it`);
    used.add(base);
    // <|endoftext|> is the one id of GPT-2 without bytes; no story holds it.
    if (base > gpt2.pieces.length) throw bad(`GPT-2 has no token ${base}`);
    pieces[id] = gpt2.pieces[base] ?? null;
  }
  const inverse = Object.entries(idOfBase ?? {});
  const differing = inverse.find(([base, id]) => baseOfId[id] !== Number(base));
  if (differing !== undefined) throw bad(`id_to_base and base_to_id disagree about id ${differing[1]}`);
  if (used.size === 0) throw bad('it has no pieces');
  return { endOfStory: END_OF_STORY, standIn: PADDING, pieces };
}
