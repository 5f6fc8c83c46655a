import path from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.js';
import { requireReplaceable } from '../files/replaceable.js';
import { escapeMarkdown, markdownTable } from '../markdown.js';
import { renderScatter } from '../picture/scatter.js';
import { formatCount } from '../report/format.js';
import { BENCH_KERNELS } from './bench-kernels.js';
import { ALL_SHAPES, BENCH_SHAPES, type Performance, performanceSchema } from './performance.js';
import { tokenRows } from './token-table.js';

/** First line of every such page; only a file that begins with it is replaced. */
const PAGE_MARK = '<!-- Written by flashlm-mcu bench. -->';
/** Core of the picture. */
const PICTURE_TOOLCHAIN = 'riscv32imc';

/** Refuses a place for the page that holds anything else. @throws FlashlmError bad-argument */
export async function checkPerformancePagePlace(page: string): Promise<void> {
  await requireReplaceable(page, PAGE_MARK, 'page of instructions');
}

/**
 * Writes the page, its figures and its picture beside it.
 *
 * @returns paths of the files
 * @throws FlashlmError write-failed
 */
export async function writePerformancePage(performance: Performance, page: string): Promise<string[]> {
  const stem = path.join(path.dirname(page), path.basename(page, path.extname(page)));
  const [figures, picture] = [`${stem}.json`, `${stem}.svg`];
  await writeFileAtomically(figures, `${JSON.stringify(performanceSchema.parse(performance), null, 2)}\n`);
  await writeFileAtomically(picture, drawKernels(performance));
  await writeFileAtomically(
    page,
    renderPerformancePage(performance, path.basename(figures), path.basename(picture)),
  );
  return [figures, picture, page];
}

/** The page as Markdown. The same figures give the same bytes. */
export function renderPerformancePage(performance: Performance, figures: string, picture: string): string {
  const models = [...new Set(performance.tokens.map(({ model }) => model))];
  return `${[
    PAGE_MARK,
    '# Performance',
    `Executed instructions, counted in QEMU and simavr: the same number in every run. This page, its picture and [its figures](${figures}) are written by`,
    `    ${performance.command}`,
    `![Instructions for a weight against its bits in flash](${picture})`,
    '## Kernels',
    'Instructions for each weight of a product [rows x columns], the building of tables included. Every sum was compared with one that was added up weight by weight in TypeScript. Compiled with -O2. An ATmega2560 has RAM for a small matrix only, with the weights in RAM, too; a dash: beside the tables of a kernel, for none.',
    ...ALL_SHAPES.map((shape) => kernelTable(performance, shape)).filter((table) => table !== ''),
    BENCH_KERNELS.map(
      ({ id, description, bitsPerWeight, ramBytes }) =>
        `- ${id}: ${description}; ${bitsPerWeight} bits a weight in flash, ${formatCount(ramBytes)} bytes of RAM`,
    ).join('\n'),
    '## A token, part by part',
    'Everything between two tokens of a short story, which is told in two ways: *greedy*, the likeliest token each time, and *sampled*, as a board samples when it starts. Part by part: greedy.',
    ...models.map((model) => tokenTable(performance, model)),
    '## What a token reads',
    'Rows of the output head, of as many as there are tokens; and bytes of the image, in flash or staged in RAM. All rows that could change a choice are among those that are read ([the head](arithmetic.md)).',
    readTable(performance, models),
  ].join('\n\n')}\n`;
}

/** Kernels down, cores across, as far as they were measured with a shape; empty where none was. */
function kernelTable({ cores, kernels }: Performance, shape: (typeof ALL_SHAPES)[number]): string {
  const ofShape = kernels.filter(({ rows, columns }) => rows === shape.rows && columns === shape.columns);
  const measured = cores.filter(({ toolchain }) => ofShape.some((cost) => cost.toolchain === toolchain));
  if (measured.length === 0) return '';
  return markdownTable([
    [`[${shape.rows} x ${shape.columns}]`, ...measured.map(({ toolchain }) => toolchain)],
    ...BENCH_KERNELS.map(({ id }) => [
      id,
      ...measured.map(({ toolchain }) => {
        const cost = ofShape.find((one) => one.kernel === id && one.toolchain === toolchain);
        return cost === undefined ? '-' : cost.instructionsPerWeight.toFixed(2);
      }),
    ]),
  ]);
}

/** The whole in bold, below its parts. */
function tokenTable(performance: Performance, model: string): string {
  const [[title, ...cores], ...rows] = tokenRows(performance, model);
  const isWhole = (name: string) => name.startsWith('all, ');
  return markdownTable([
    [escapeMarkdown(title), ...cores],
    ...rows.map(([name, ...cells]) => [isWhole(name) ? `**${name}**` : name, ...cells]),
  ]);
}

/** The same on every core: the model decides it. */
function readTable({ cores, tokens }: Performance, models: string[]): string {
  const of = (model: string, story: string) =>
    tokens.find(
      (token) => token.model === model && token.story === story && token.toolchain === cores[0].toolchain,
    );
  return markdownTable([
    ['model', 'rows, greedy', 'rows, sampled', 'bytes, greedy', 'bytes, sampled'],
    ...models.map((model) => {
      const stories = [of(model, 'greedy'), of(model, 'sampled')];
      return [
        escapeMarkdown(model),
        ...stories.map((token) => (token === undefined ? '-' : formatCount(Math.round(token.headRows)))),
        ...stories.map((token) => (token === undefined ? '-' : formatCount(token.bytesRead))),
      ];
    }),
  ]);
}

/** Instructions for a weight against the bits that it takes: what a kernel costs in time, and in flash. */
function drawKernels({ kernels }: Performance): string {
  const [shape] = BENCH_SHAPES;
  const points = BENCH_KERNELS.flatMap(({ id, bitsPerWeight, description }) => {
    const cost = kernels.find(
      ({ kernel, toolchain, rows }) =>
        kernel === id && toolchain === PICTURE_TOOLCHAIN && rows === shape.rows,
    );
    if (cost === undefined) return [];
    return [
      {
        name: id,
        x: bitsPerWeight,
        y: cost.instructionsPerWeight,
        detail: cost.instructionsPerWeight.toFixed(2),
        series: description.startsWith('baseline') ? 1 : 0,
      },
    ];
  });
  return renderScatter({
    title: 'Instructions for a weight against its bits in flash',
    subtitle: `[${shape.rows} x ${shape.columns}], RV32IMC, the building of tables included`,
    xTitle: 'bits of flash for a weight',
    yTitle: 'instructions for a weight',
    formatX: (bits) => String(Number(bits.toPrecision(2))),
    series: ["the firmware's kernels", 'baselines'],
    points,
  });
}
