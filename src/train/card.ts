import type { ConfidenceInterval } from '../evaluate/confidence.js';
import type { Sample } from '../evaluate/samples.js';
import { escapeMarkdown } from '../markdown.js';
import type { ModelConfig } from '../model/config.js';
import { formatTime } from '../picture/ticks.js';
import { quoteForShell } from '../quote.js';
import { formatCount } from '../report/format.js';
import { type DataFile, type RunRecord, type RunTotals, totalsOf } from './run-record.js';
import type { StartWeights } from './start-weights.js';

/** All that a card says about a training run; plain data, so that the same facts give the same card. */
export interface TrainingFacts {
  /** Of the model: the checkpoint folder's own name. */
  name: string;
  config: ModelConfig;
  parameters: number;
  /** Of them ternary. */
  ternaryParameters: number;
  /** Bytes of model.flm. */
  imageBytes: number;
  /** Day on which the run ended, as "2026-11-23". */
  date: string;
  data: DataFile[];
  /** What the data is and where it came from, where the user said so; else null. */
  dataNote: string | null;
  /** Stories never trained on. */
  heldOutStories: number;
  /** On the training stories. */
  charactersPerToken: number;
  /** Spent in training, resumed parts included. */
  seconds: number;
  /** Whether the budget was used up; a run that was interrupted has no finished schedule. */
  finished: boolean;
  steps: number;
  tokensSeen: number;
  /** Passes over the training tokens. */
  epochs: number;
  /** Windows of `config.context` tokens in a batch. */
  batch: number;
  /** Peak learning rates by what they move: "matrices", "embedding". */
  learningRates: Record<string, number>;
  optimiser: string;
  /** By name: "beta 1", "weight decay", "gradient norm at most". */
  optimiserSettings: Record<string, string | number>;
  /** "100 steps of warm-up, then linear to zero at the end of the budget" */
  schedule: string;
  threads: number;
  engine: string;
  /** os.cpus()[0].model */
  core: string;
  /** process.version */
  nodeVersion: string;
  seed: number;
  /** The weights that the run began with; null: random ones. */
  beganWith: StartWeights | null;
  /** The arguments as given, the program's name first; the card leaves folders of the machine out. */
  commandLine: string[];
  /** The trainer's own estimate at the end; null where nothing was held out. */
  heldOut: { bpc: number; how: string } | null;
  /** What `eval` measures on the finished model; null where nothing was evaluated. */
  lossless: LosslessFigure | null;
  /** Name of the picture beside the card; null without one. */
  lossPicture: string | null;
  /** Unselected. */
  samples: Sample[];
}

/** Lossless bits per character of the finished model (docs: `flashlm-mcu eval`). */
export interface LosslessFigure {
  /** In integer arithmetic, as the chip computes. */
  bpc: number;
  /** null without a float model */
  bpcFloat: number | null;
  interval: ConfidenceInterval | null;
  stories: number;
  characters: number;
  /** Which stories: "held-out stories of the files below". */
  what: string;
}

/** So many digits of a SHA-256 tell two files apart and still fit a table. */
const CHECKSUM_DIGITS = 16;

/** The card of a trained model, in Markdown: what it is, what it was made from and how, and what it says. */
export function trainingCard(facts: TrainingFacts): string {
  const sections = [
    `# ${escapeMarkdown(facts.name)}`,
    describeShape(facts),
    table(['', ''], figureRows(facts)),
    limits(facts),
    ...(facts.lossPicture === null ? [] : [`![Loss over the run](${encodeURI(facts.lossPicture)})`]),
    '## Data',
    table(['file', 'stories', 'characters', 'SHA-256'], facts.data.map(dataRow)),
    dataSentence(facts),
    '## Training',
    table(['', ''], trainingRows(facts)),
    `Command:\n\n    ${commandOf(facts.commandLine)}`,
    ...earlierRunsSection(facts),
    ...sampleSection(facts.samples),
  ];
  return `${sections.join('\n\n')}\n`;
}

function describeShape({ config, parameters, ternaryParameters }: TrainingFacts): string {
  const { vocabulary, dimension, blocks, hidden, kernel, memory, clusters } = config;
  const parts = [
    `Dimension ${dimension}`,
    `${blocks} blocks`,
    `feed-forward ${hidden}`,
    `convolution over ${kernel} tokens`,
    ...(memory === undefined
      ? []
      : [`a memory of ${memory.heads} heads with ${counted(memory.slots, 'slot')} each in every block`]),
    `vocabulary ${formatCount(vocabulary)}`,
    ...(clusters === undefined ? [] : [`predicted in two levels through ${clusters} clusters`]),
  ];
  return (
    `${parts.join(', ')}: ${formatCount(parameters)} parameters, of them ${formatCount(ternaryParameters)} ` +
    'ternary (-1, 0 or +1).'
  );
}

function figureRows(facts: TrainingFacts): string[][] {
  const { lossless, heldOut, imageBytes } = facts;
  return [
    ['image', `model.flm, ${formatCount(imageBytes)} bytes`],
    ['bits per character', lossless === null ? 'not measured' : losslessSentence(lossless)],
    ['held-out estimate', heldOut === null ? 'no stories were held out' : heldOutSentence(heldOut)],
    ['characters per token', facts.charactersPerToken.toFixed(2)],
    [
      'trained',
      `${facts.date}, ${formatCount(Math.round(facts.seconds))} seconds (${formatTime(facts.seconds / 60)}) on ` +
        `${counted(facts.threads, 'thread')} of ${facts.core}`,
    ],
    ['tokens seen', `${formatCount(facts.tokensSeen)}; ${facts.epochs.toFixed(2)} epochs`],
    ...(facts.beganWith === null ? [] : [['in all', totalsSentence(facts)]]),
    ...(facts.finished ? [] : [['state', 'interrupted: the learning rate has not come down to its end']]),
  ];
}

/** What the weights took since they were random. */
function totalsSentence(facts: TrainingFacts): string {
  const runs = earlierRuns(facts);
  if (runs.length === 0) return 'not known: what made the weights that this run began with was not recorded';
  const own = { minutes: facts.seconds / 60, tokensSeen: facts.tokensSeen };
  const sum = describeTotals(totalsOf([...runs, own]));
  const unknown = runs[0].beganWith;
  return unknown === null
    ? sum
    : `${sum}, and what made the weights of ${unknown.name} that the first of them began with, which was not recorded`;
}

function describeTotals({ runs, minutes, tokensSeen }: RunTotals): string {
  const millions = Number((tokensSeen / 1e6).toPrecision(4));
  return `${formatTime(minutes)}, ${formatCount(millions)} million tokens, in ${counted(runs, 'run')}`;
}

function earlierRuns({ beganWith }: TrainingFacts): readonly RunRecord[] {
  return beganWith?.runs ?? [];
}

function losslessSentence({ bpc, bpcFloat, interval, stories, characters, what }: LosslessFigure): string {
  const figures = [
    `${bpc.toFixed(4)} in integer arithmetic, as on the chip`,
    ...(bpcFloat === null ? [] : [`${bpcFloat.toFixed(4)} in float`]),
    ...(interval === null
      ? []
      : [
          `${Math.round(interval.confidence * 100)}% interval over stories ${interval.low.toFixed(4)} to ` +
            interval.high.toFixed(4),
        ]),
  ];
  return (
    `${figures.join('; ')}. Lossless: every token of ${counted(stories, 'story', 'stories')} ` +
    `(${formatCount(characters)} characters) from an empty context, nothing cut off. Of: ${what}`
  );
}

function heldOutSentence({ bpc, how }: { bpc: number; how: string }): string {
  return `${bpc.toFixed(4)} bits per character; ${how}`;
}

/** What a reader must not expect. */
function limits(facts: TrainingFacts): string {
  return (
    `What it cannot do: ${reach(facts)}, so it forgets names and loses threads within a story. It imitates the ` +
    'stories of its data; it knows no facts, follows no instructions and answers no questions, and nobody has ' +
    'checked what it says before it is read aloud.'
  );
}

/** How far back a prediction depends on tokens: the convolutions' receptive field, and the memory, which fades. */
function reach({ config, charactersPerToken }: TrainingFacts): string {
  const field = config.blocks * (config.kernel - 1) + 1;
  const characters = Math.round((field * charactersPerToken) / 10) * 10;
  const exact = `${field} tokens back, about ${characters} characters`;
  if (config.memory === undefined) return `the model sees ${exact}`;
  const slots = config.memory.heads * config.memory.slots;
  return (
    `the model sees the words themselves only ${exact}, and what came before through ${counted(slots, 'fading slot')} ` +
    'of memory in each block'
  );
}

function dataRow({ name, stories, characters, sha256 }: DataFile): string[] {
  return [baseName(name), formatCount(stories), formatCount(characters), sha256.slice(0, CHECKSUM_DIGITS)];
}

function dataSentence({ heldOutStories, dataNote }: TrainingFacts): string {
  const heldOut =
    heldOutStories === 0
      ? 'All stories were trained on; none was held out.'
      : `${counted(heldOutStories, 'story', 'stories')} of these ${heldOutStories === 1 ? 'was' : 'were'} held out ` +
        'and never trained on.';
  const note = dataNote === null ? 'Where the files came from was not recorded.' : escapeMarkdown(dataNote);
  return `${heldOut} ${note}`;
}

function trainingRows(facts: TrainingFacts): string[][] {
  const { config, batch, learningRates, optimiserSettings } = facts;
  const rates = Object.entries(learningRates).map(([name, rate]) => `${name} ${rate}`);
  const settings = Object.entries(optimiserSettings).map(([name, value]) => `${name} ${value}`);
  return [
    ...(facts.beganWith === null
      ? []
      : [
          [
            'began with',
            `the weights of ${facts.beganWith.name} (SHA-256 ${facts.beganWith.sha256.slice(0, CHECKSUM_DIGITS)}); the figures here are those of the training since`,
          ],
        ]),
    ['steps', formatCount(facts.steps)],
    ['batch', `${batch} x ${config.context} tokens`],
    ['peak learning rate', rates.join(', ')],
    ['optimiser', [facts.optimiser, ...settings].join(', ')],
    ['schedule', facts.schedule],
    ['seed', String(facts.seed)],
    ['engine', facts.engine],
    ['threads', String(facts.threads)],
    ['core', facts.core],
    ['Node', facts.nodeVersion],
    ['tokens a second', formatCount(facts.seconds > 0 ? Math.round(facts.tokensSeen / facts.seconds) : 0)],
  ];
}

/** What made the weights that the run began with. */
function earlierRunsSection(facts: TrainingFacts): string[] {
  const runs = earlierRuns(facts);
  if (runs.length === 0) return [];
  const header = ['run', 'date', 'time', 'steps', 'tokens', 'settings', 'data'];
  return [
    '## Earlier runs',
    'The oldest first; each began with what the one before it left.',
    table(header, runs.map(earlierRunRow)),
  ];
}

function earlierRunRow(run: RunRecord): string[] {
  const data = run.data.map(
    ({ name, stories, sha256 }) =>
      `${baseName(name)} (${counted(stories, 'story', 'stories')}, ${sha256.slice(0, CHECKSUM_DIGITS)})`,
  );
  return [
    run.finished ? run.name : `${run.name}, interrupted`,
    run.date,
    `${formatTime(run.minutes)} on ${run.machine}`,
    formatCount(run.steps),
    formatCount(run.tokensSeen),
    run.settings,
    [...data, ...(run.dataNote === null ? [] : [run.dataNote])].join('; '),
  ];
}

function sampleSection(samples: Sample[]): string[] {
  if (samples.length === 0) return [];
  return [
    '## Samples',
    'As they came, none selected and nothing mended.',
    ...samples.flatMap((sample) => [sampleHeading(sample), quote(sample.text)]),
  ];
}

function sampleHeading({ prompt, seed, temperature, topK, tokens, ended }: Sample): string {
  const beginning = prompt === '' ? 'No prompt' : `Prompt "${escapeMarkdown(prompt)}"`;
  const end = ended ? 'the model ended it' : `cut off after ${tokens} tokens`;
  return `${beginning}, seed ${seed}, temperature ${temperature}, top-k ${topK}; ${end}:`;
}

/** A block quote; the line ends of a story stay where they are. */
function quote(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => `> ${escapeMarkdown(line)}`.trimEnd())
    .map((line, index, lines) => (index < lines.length - 1 && line !== '>' ? `${line}  ` : line))
    .join('\n');
}

/** The command for a shell, without the machine's folders. */
function commandOf(commandLine: string[]): string {
  return commandLine.map((argument) => quoteForShell(withoutFolders(argument))).join(' ');
}

/** An absolute path, or one that leaves the folder, says where things lie on one machine: its last part is enough. */
function withoutFolders(argument: string): string {
  const [, option, value] = /^(--?[\w-]+=)?(.*)$/s.exec(argument) ?? ['', '', argument];
  const tellsFolders = /^([/\\~]|[A-Za-z]:[/\\])|(^|[/\\])\.\.([/\\]|$)/.test(value);
  return `${option ?? ''}${tellsFolders ? baseName(value) : value}`;
}

function baseName(file: string): string {
  return file.split(/[/\\]/).findLast((part) => part !== '') ?? file;
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    `|${header.map(() => '---|').join('')}`,
    ...rows.map((row) => line(row.map((cell) => escapeMarkdown(cell)))),
  ].join('\n');
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
