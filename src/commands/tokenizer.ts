import type { Command } from 'commander';
import { readStories } from '../data/stories.js';
import { compareCuts } from '../tokenizer/compare-cuts.js';
import { readTokenizer, writeTokenizer } from '../tokenizer/file.js';
import { SMALLEST_VOCABULARY } from '../tokenizer/tokenizer.js';
import { trainTokenizer } from '../tokenizer/train.js';
import { integerBetween } from './options.js';
import { printResult } from './output.js';

const EXAMPLES = `
Examples:
  flashlm-mcu tokenizer train --data stories.txt --vocabulary 4096 --out tokenizer.json
  flashlm-mcu tokenizer encode --tokenizer tokenizer.json "Once upon a time"
  flashlm-mcu tokenizer compare --tokenizer checkpoints/bolt/tokenizer.json --data stories.txt
`;

/** `tokenizer`: learn a vocabulary from stories, and look at what it does to a text. */
export function addTokenizerCommand(program: Command): void {
  const tokenizer = program
    .command('tokenizer')
    .description('learn a vocabulary from stories; encode a text')
    .addHelpText('after', EXAMPLES);

  tokenizer
    .command('train')
    .description('learn pieces from story files by word and piece frequency')
    .requiredOption('--data <files...>', 'story files or folders of .txt files')
    .option(
      '--vocabulary <n>',
      'entries, 257 fixed ones included',
      integerBetween(SMALLEST_VOCABULARY, 65535),
      4096,
    )
    .option('--out <file>', 'where to write it', 'tokenizer.json')
    .option('--json', 'print one JSON document')
    .action(async (options: { data: string[]; vocabulary: number; out: string; json?: boolean }) => {
      const stories = await readStories(options.data);
      const learned = trainTokenizer(stories, options.vocabulary);
      await writeTokenizer(options.out, learned);
      const characters = stories.reduce((sum, story) => sum + Array.from(story).length, 0);
      const tokens = stories.reduce((sum, story) => sum + learned.encode(story).length, 0);
      const result = {
        tokenizer: options.out,
        vocabulary: learned.vocabularySize,
        stories: stories.length,
        characters,
        tokens,
        charactersPerToken: characters / tokens,
      };
      printResult(options.json, result, () => [
        `${options.out}: ${learned.vocabularySize} entries from ${stories.length} stories, ` +
          `${result.charactersPerToken.toFixed(2)} characters a token`,
      ]);
    });

  tokenizer
    .command('encode')
    .description('show the tokens of a text')
    .argument('<text>')
    .requiredOption('--tokenizer <file>', 'a tokenizer.json')
    .option('--json', 'print one JSON document')
    .action(async (text: string, options: { tokenizer: string; json?: boolean }) => {
      const loaded = await readTokenizer(options.tokenizer);
      const tokens = [...loaded.encode(text)];
      const pieces = tokens.map((token) => loaded.decode([token]));
      printResult(options.json, { tokens, pieces }, () => [
        pieces.map((piece) => JSON.stringify(piece)).join(' '),
        tokens.join(' '),
      ]);
    });

  tokenizer
    .command('compare')
    .description("compare GPT-2's cut of an imported tokenizer with the greedy one of a chip")
    .requiredOption('--tokenizer <file>', 'the tokenizer.json of an imported checkpoint')
    .requiredOption('--data <files...>', 'story files or folders of .txt files')
    .option('--json', 'print one JSON document')
    .action(async (options: { tokenizer: string; data: string[]; json?: boolean }) => {
      const loaded = await readTokenizer(options.tokenizer);
      const comparison = compareCuts(loaded, await readStories(options.data));
      const { stories, sameStories, tokens, sharedTokens, greedyTokens, missingTokens } = comparison;
      const percent = (part: number) => `${((100 * part) / tokens).toFixed(3)}%`;
      printResult(options.json, comparison, () => [
        `${percent(sharedTokens)} of ${tokens} tokens are the same; ${sameStories} of ${stories} stories throughout`,
        `${greedyTokens} tokens when cut greedily; ${percent(missingTokens)} of GPT-2's are not in the vocabulary`,
      ]);
    });
}
