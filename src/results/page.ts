import { escapeMarkdown, markdownTable } from '../markdown.js';
import { formatCount } from '../report/format.js';
import {
  comparableRivals,
  type MeasuredModel,
  type QuotedFigure,
  type Results,
  type Rival,
} from './figures.js';
import { formatBpc, formatMillions, formatStories } from './format.js';
import type { ResultsPicture } from './pictures.js';

/** First line of every page of results; only a file that begins with it is replaced. */
export const PAGE_MARK = '<!-- Written by flashlm-mcu results. -->';

export interface PageFiles {
  /** Of a picture, as seen from the page. */
  picture: (picture: ResultsPicture) => string;
  /** Of the figures, as seen from the page. */
  figures: string;
}

/** The page of results as Markdown: pictures, tables, and where each figure comes from. */
export function renderPage(results: Results, pictures: ResultsPicture[], files: PageFiles): string {
  const { evaluation, boards } = results;
  const [board] = boards;
  return `${[
    PAGE_MARK,
    '# Results',
    `Bits per character: how well a model predicts stories that it has not seen, without loss ` +
      `(docs/honest-results.md has the definition); less is better. Measured on ${escapeMarkdown(evaluation.name)}, ` +
      `${formatStories(evaluation.stories)}, SHA-256 ${evaluation.sha256.slice(0, 16)}... This page, its pictures and ` +
      `[its figures](${files.figures}) are written by`,
    `    ${results.command}`,
    ...pictures.flatMap((picture) => [
      `![${picture.title}](${files.picture(picture)})`,
      ...(picture.absent.length === 0 ? [] : [describeAbsent(picture)]),
    ]),
    '## Figures',
    markdownTable(mainTable(results)),
    `Instructions are those of a sampled token, ${board.core}. Tokens differ in length: a model whose tokens are ` +
      `shorter needs more of them for the same story. The rivals' lengths were not recorded.`,
    describeRivals(results),
    '## Instructions per token by board',
    'Of a token that is sampled as a board samples when it starts (docs/console.md); in brackets, of the likeliest token.',
    markdownTable(boardTable(results)),
    '## Where the figures come from',
    "This project's models, measured by the command above:",
    [
      '- Bits per character and characters a token: integer arithmetic, as on the chip, of all the stories.',
      '- Bytes in flash: the length of model.flm, which goes to the chip as it is.',
      '- Instructions: executed by the firmware in an emulator, counted by a plugin, the mean over a short story; ' +
        "the model, the sampler and the printing. Published only where every logit of every step equals the reference's, " +
        'which is what was evaluated.',
      ...boards.map(({ name, core, target }) => `- ${name} (${core}): ${target}.`),
      ...results.models.map(describeModel),
    ].join('\n'),
    ...comparableRivals(results).flatMap((rival) => [
      `[${escapeMarkdown(rival.name)}](${rival.address}), quoted:`,
      quotedFigures(rival),
    ]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

function describeAbsent({ absent }: ResultsPicture): string {
  return `Not in this picture: ${absent.map(({ name, reason }) => `${escapeMarkdown(name)} (${reason})`).join(', ')}.`;
}

function mainTable(results: Results): string[][] {
  const [board] = results.boards;
  const rows = [
    ...results.models.map((model) => ({
      bytes: model.bytesInFlash,
      cells: [
        `**${escapeMarkdown(model.name)}**`,
        'ternary, embedding 8 bits',
        formatCount(model.bytesInFlash),
        formatBpc(model.bpc),
        instructionsCell(model, board.id),
        model.charactersPerToken.toFixed(2),
        'measured',
      ],
    })),
    ...comparableRivals(results).map((rival) => ({
      bytes: rival.bytesInFlash.value,
      cells: [
        escapeMarkdown(rival.name),
        escapeMarkdown(rival.weights),
        `about ${formatCount(rival.bytesInFlash.value)}`,
        formatBpc(rival.bpc.value, rival.bpc.range),
        quotedInstructions(rival.instructionsPerToken[board.core]),
        '-',
        'quoted',
      ],
    })),
  ];
  return [
    [
      'model',
      'weights',
      'bytes in flash',
      'bits per character',
      'instructions a token',
      'characters a token',
      'figures',
    ],
    ...rows.sort((a, b) => a.bytes - b.bytes).map(({ cells }) => cells),
  ];
}

function boardTable({ models, boards }: Results): string[][] {
  return [
    ['model', ...boards.map(({ name, core }) => `${name} (${core})`)],
    ...models.map((model) => [
      `**${escapeMarkdown(model.name)}**`,
      ...boards.map(({ id }) => boardCell(model, id)),
    ]),
  ];
}

function boardCell(model: MeasuredModel, board: string): string {
  const likeliest = model.runs.find((run) => run.board === board)?.instructionsPerLikeliestToken ?? null;
  const sampled = instructionsCell(model, board);
  return likeliest === null ? sampled : `${sampled} (${formatMillions(likeliest)})`;
}

function instructionsCell({ runs }: MeasuredModel, board: string): string {
  const run = runs.find((candidate) => candidate.board === board);
  if (run === undefined) return '-';
  return run.instructionsPerToken === null ? (run.missing ?? '-') : formatMillions(run.instructionsPerToken);
}

function quotedInstructions(figure: QuotedFigure | undefined): string {
  return figure === undefined ? 'not known' : formatMillions(figure.value);
}

function describeModel({ name, fingerprint, parameters, runs }: MeasuredModel): string {
  const steps = runs.map(({ paritySteps }) => paritySteps ?? 0).reduce((sum, count) => sum + count, 0);
  return (
    `- ${escapeMarkdown(name)}: fingerprint ${fingerprint}, ${formatCount(parameters)} parameters, ` +
    `${formatCount(steps)} steps compared on all boards together.`
  );
}

/** What is said of rivals that cannot be compared, in Markdown; empty where they can. */
export function describeRivals(results: Results): string {
  const { rivals, evaluation } = results;
  if (rivals.models.length === 0 || comparableRivals(results).length > 0) return '';
  return (
    `Rivals are left out: their figures are of ${formatStories(rivals.evaluation.stories)} of ` +
    `${escapeMarkdown(rivals.evaluation.name)}, SHA-256 ${rivals.evaluation.sha256.slice(0, 16)}..., these of ` +
    `${evaluation.stories} of ${escapeMarkdown(evaluation.name)}.`
  );
}

function quotedFigures({ bytesInFlash, bpc, instructionsPerToken }: Rival): string {
  const line = (what: string, { source }: QuotedFigure) => `- ${what}: ${escapeMarkdown(source)}`;
  return [
    line('Bytes in flash', bytesInFlash),
    line('Bits per character', bpc),
    ...Object.entries(instructionsPerToken).map(([core, figure]) => line(`Instructions, ${core}`, figure)),
  ].join('\n');
}
