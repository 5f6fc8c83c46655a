import path from 'node:path';
import { type Command, Option } from 'commander';
import prettyBytes from 'pretty-bytes';
import { type Download, download } from '../data/download.js';
import { EDITIONS, SERVER } from '../data/tinystories.js';
import { FlashlmError } from '../errors.js';
import { printResult } from './output.js';
import { formatDuration, startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu data tinystories --out stories
  flashlm-mcu data prepare --data stories/TinyStoriesV2-GPT4-train.txt --held-out stories/TinyStoriesV2-GPT4-valid.txt --out prepared
Run the same command again to go on with a download that was cut off.
`;

interface TinyStoriesOptions {
  edition: keyof typeof EDITIONS;
  out: string;
  mirror: string;
  json?: boolean;
}

/** `data tinystories`: the real set, for those who have the internet. */
export function addTinyStoriesCommand(data: Command): void {
  data
    .command('tinystories')
    .description('download TinyStories (Eldan and Li, 2023; CDLA-Sharing-1.0), some 2 GB')
    .option('--out <folder>', 'where the files go', 'tinystories')
    .addOption(
      new Option('--edition <name>', 'v2 is by GPT-4 alone; v1, the older one, also by GPT-3.5')
        .choices(Object.keys(EDITIONS))
        .default('v2'),
    )
    .addOption(
      new Option('--mirror <url>', 'another server with the same files')
        .env('FLASHLM_TINYSTORIES_MIRROR')
        .default(SERVER, 'Hugging Face'),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runTinyStories);
}

async function runTinyStories({ edition, out, mirror, json }: TinyStoriesOptions): Promise<void> {
  const downloads: Download[] = [];
  for (const { name, ...expected } of EDITIONS[edition]) {
    const bar = startProgressBar(name);
    const started = performance.now();
    let first: number | null = null;
    const loaded = download({
      url: addressOf(name, mirror),
      file: path.join(out, name),
      expected,
      onProgress: (bytes, total) => {
        first ??= bytes;
        const speed = (bytes - first) / ((performance.now() - started) / 1000);
        bar.update(total === null ? 0 : bytes / total, describeProgress(bytes, total, speed));
      },
    });
    downloads.push(await loaded.finally(() => bar.stop()));
  }
  printResult(json, { edition, files: downloads }, () => downloads.map(describe));
}

/** @throws FlashlmError bad-argument */
function addressOf(name: string, mirror: string): string {
  const base = mirror.endsWith('/') ? mirror : `${mirror}/`;
  if (!URL.canParse(base) || !/^https?:/.test(base)) {
    throw new FlashlmError(
      'bad-argument',
      `${mirror} is no web address.`,
      'Give one that begins with https:// or http://.',
    );
  }
  return new URL(name, base).href;
}

function describeProgress(bytes: number, total: number | null, bytesPerSecond: number): string {
  if (total === null) return prettyBytes(bytes);
  const left = bytesPerSecond > 0 ? formatDuration((total - bytes) / bytesPerSecond) : '?';
  return `${prettyBytes(bytes)} of ${prettyBytes(total)}  ${prettyBytes(bytesPerSecond)}/s  ${left} left`;
}

function describe({ file, bytes, sha256 }: Download): string {
  return `${file}: ${prettyBytes(bytes)}, SHA-256 ${sha256.slice(0, 16)}... as it must be`;
}
