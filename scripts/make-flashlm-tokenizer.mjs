/*
 * node scripts/make-flashlm-tokenizer.mjs SIZE STORIES.txt... > tokenizer.json
 *
 * A tokenizer.json in the form of FlashLM v4: the SIZE - 4 most frequent tokens of GPT-2 in the stories, most frequent
 * first, from id 4 on. For tests and for the figures of docs/import.md; the real one belongs to FlashLM's weights.
 */
import { readFileSync } from 'node:fs';
import { encode } from 'gpt-tokenizer/encoding/r50k_base';

const SPECIAL_IDS = 4;

const [size, ...files] = process.argv.slice(2);
const counts = new Map();
for (const file of files) {
  for (const story of readFileSync(file, 'utf8').split('<|endoftext|>')) {
    for (const token of encode(story.trim())) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
}
const frequent = [...counts.keys()]
  .sort((a, b) => counts.get(b) - counts.get(a))
  .slice(0, Number(size) - SPECIAL_IDS);
const ids = frequent.map((token, index) => [index + SPECIAL_IDS, token]);
const tokenizer = {
  vocab_size: Number(size),
  id_to_base: Object.fromEntries(ids),
  base_to_id: Object.fromEntries(ids.map(([id, token]) => [token, id])),
};
process.stdout.write(JSON.stringify(tokenizer));
