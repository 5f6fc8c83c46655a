import type { Board } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { escapeMarkdown, markdownTable } from '../markdown.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import {
  limitCell,
  type MeasuredImage,
  PARITY_TITLES,
  parityRows,
  speedCell,
  summaryOf,
} from './board-tables.js';
import { runOf, shippedRuns } from './core-runs.js';

/** A model that ships, measured. */
export interface NamedMeasurement extends MeasuredImage {
  name: string;
}

/** Whose figures a README shows: the default model, then the one for the smallest boards. */
const README_MODELS = [DEFAULT_MODEL, 'nano'];

/** What was measured of them. @throws FlashlmError missing-file for a model that is not measured as it ships */
export async function readShippedMeasurements(): Promise<NamedMeasurement[]> {
  return Promise.all(
    README_MODELS.map(async (name) => {
      const image = await readModelImage(await findModel(name));
      const runs = await shippedRuns(image);
      if (runs !== null) return { name, image, runs };
      const words =
        name === DEFAULT_MODEL ? '--out docs/boards.md' : `--model ${name} --out docs/boards-${name}.md`;
      throw new FlashlmError(
        'missing-file',
        `The model ${name} has changed since it was measured.`,
        `Measure it: flashlm-mcu boards --measure ${words}.`,
      );
    }),
  );
}

/**
 * The tables of a README, by the names of their marks: `boards`, what each board makes of each model, and `parity`, what
 * was compared on each, with the first model that fits it.
 *
 * @param models the one to prefer first
 */
export function renderReadmeTables(models: NamedMeasurement[], boards: Board[]): Map<string, string> {
  const emulated = boards.filter((board) => models.some(({ runs }) => runOf(board, runs) !== undefined));
  return new Map([
    ['boards', estimateTable(models, emulated)],
    ['parity', parityTable(models, emulated)],
  ]);
}

function estimateTable(models: NamedMeasurement[], boards: Board[]): string {
  return markdownTable([
    ['board', ...models.flatMap(({ name }) => [`${escapeMarkdown(name)}: tokens per second`, 'limited by'])],
    ...boards.map((board) => [
      escapeMarkdown(board.name),
      ...models.flatMap((model) => {
        const summary = summaryOf(board, model);
        return [speedCell(summary), limitCell(summary)];
      }),
    ]),
  ]);
}

function parityTable(models: NamedMeasurement[], boards: Board[]): string {
  const [board, ...titles] = PARITY_TITLES;
  return markdownTable([
    [board, 'model', ...titles],
    ...boards.flatMap((candidate) => {
      const model = models.find((one) => summaryOf(candidate, one).fit?.fits === true);
      if (model === undefined) return [];
      return parityRows(candidate, model.runs).map(([name, ...cells]) => [
        name,
        escapeMarkdown(model.name),
        ...cells,
      ]);
    }),
  ]);
}

/**
 * Replaces what stands between the marks of each table, `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
 *
 * @param file for messages
 * @throws FlashlmError bad-argument where a mark is missing
 */
export function fillMarks(page: string, tables: ReadonlyMap<string, string>, file: string): string {
  let filled = page;
  for (const [name, table] of tables) {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
    const start = filled.indexOf(begin) + begin.length;
    const stop = filled.indexOf(end, start);
    if (start < begin.length || stop < 0) {
      throw new FlashlmError(
        'bad-argument',
        `${file} does not say where the table "${name}" goes.`,
        `Put the lines ${begin} and ${end} there.`,
      );
    }
    filled = `${filled.slice(0, start)}\n\n${table}\n\n${filled.slice(stop)}`;
  }
  return filled;
}
