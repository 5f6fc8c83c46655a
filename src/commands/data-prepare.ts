import path from 'node:path';
import { type Command, Option } from 'commander';
import prettyBytes from 'pretty-bytes';
import { prepareStories } from '../data/prepare.js';
import type { PrepareProgress } from '../data/prepare-meter.js';
import type { Manifest } from '../data/token-shards.js';
import { FlashlmError } from '../errors.js';
import { readTokenizer } from '../tokenizer/file.js';
import { integerBetween } from './options.js';
import { printResult } from './output.js';
import { formatDuration, startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu data prepare --data TinyStoriesV2-GPT4-train.txt --vocabulary 4096 --out prepared
  flashlm-mcu data prepare --data books/ stories.jsonl.gz --tokenizer tokenizer.json --out prepared
  flashlm-mcu data prepare --data a.jsonl --field body --held-out mine.txt --near-duplicates remove --out prepared
  flashlm-mcu train --data prepared --minutes 60
`;

const DEFAULT_VOCABULARY = 4096;

interface PrepareOptions {
  data: string[];
  tokenizer?: string;
  vocabulary?: number;
  heldOut?: string[];
  field?: string[];
  nearDuplicates: 'keep' | 'remove';
  out: string;
  json?: boolean;
}

/** `data prepare`: from any amount of text to token shards. */
export function addPrepareCommand(data: Command): void {
  data
    .command('prepare')
    .description(
      'token shards from text, folders or JSON lines of any size; finds duplicates, holds stories out',
    )
    .requiredOption('--data <files...>', 'files (.txt, .jsonl, .gz) or folders of them')
    .requiredOption('--out <folder>', 'where the shards go')
    .option('--tokenizer <file>', 'use this tokenizer.json instead of learning one')
    .option(
      '--vocabulary <n>',
      `vocabulary to learn (default: ${DEFAULT_VOCABULARY})`,
      integerBetween(257, 65535),
    )
    .option('--held-out <files...>', 'hold these stories out, and all that are like them, instead of 1%')
    .option('--field <names...>', 'fields of JSON lines that may hold the story (default: text, story)')
    .addOption(
      new Option('--near-duplicates <what>', 'stories nearly like an earlier one')
        .choices(['keep', 'remove'])
        .default('keep'),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runPrepare);
}

async function runPrepare(options: PrepareOptions): Promise<void> {
  if (options.tokenizer !== undefined && options.vocabulary !== undefined) {
    throw new FlashlmError(
      'bad-argument',
      'There are two vocabularies.',
      'Give --tokenizer or --vocabulary, not both.',
    );
  }
  const tokenizer =
    options.tokenizer === undefined
      ? (options.vocabulary ?? DEFAULT_VOCABULARY)
      : await readTokenizer(options.tokenizer);
  const bar = startProgressBar(`preparing ${path.basename(options.out)}`);
  const started = performance.now();
  const manifest = await prepareStories({
    data: options.data,
    tokenizer,
    leaveOutNear: options.nearDuplicates === 'remove',
    directory: options.out,
    ...(options.heldOut === undefined ? {} : { heldOut: options.heldOut }),
    ...(options.field === undefined ? {} : { fields: options.field }),
    onProgress: (progress) => {
      const seconds = (performance.now() - started) / 1000;
      bar.update(progress.share, describeProgress(progress, seconds));
    },
  }).finally(() => bar.stop());
  printResult(options.json, { ...manifest, directory: options.out }, () => describe(manifest, options.out));
}

function describeProgress(progress: PrepareProgress, seconds: number): string {
  const { share, phase, bytesRead, bytesInAll, stories } = progress;
  const left = share > 0 ? formatDuration((seconds * (1 - share)) / share) : '?';
  return `${phase}  ${prettyBytes(bytesRead)} of ${prettyBytes(bytesInAll)}  ${stories} stories  ${left} left`;
}

function describe(manifest: Manifest, directory: string): string[] {
  const { stories, characters, tokens, heldOut, duplicates, shards, vocabulary } = manifest;
  const bytes = 2 * shards.reduce((sum, shard) => sum + shard.tokens, 0);
  return [
    `${directory}: ${stories} stories, ${characters} characters, ${tokens} tokens of ${vocabulary} ` +
      `(${(characters / tokens).toFixed(2)} characters a token), ${prettyBytes(bytes, { binary: true })} in ` +
      `${shards.length} ${shards.length === 1 ? 'shard' : 'shards'}`,
    `held out, never to be trained on: ${heldOut.stories} stories`,
    `left out: ${duplicates.exact} exact duplicates, ${duplicates.ofHeldOut.exact} the same as a held-out story, ` +
      `${duplicates.ofHeldOut.near} nearly the same as one`,
    `near duplicates within the rest: ${duplicates.near}, ${duplicates.nearLeftOut ? 'left out' : 'kept (--near-duplicates remove leaves them out)'}`,
  ];
}
