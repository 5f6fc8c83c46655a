import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FRAMEWORKS } from '../boards/board.js';
import { FlashlmError } from '../errors.js';

/** Of build-report.json, what matters for flashing; src/build/build-report.ts says what the fields mean. */
const reportSchema = z.object({
  board: z.string(),
  model: z.string(),
  framework: z.enum(FRAMEWORKS),
  parity: z.object({ status: z.string() }),
  chipParity: z.object({ status: z.string() }).nullable(),
  hostParity: z.object({ status: z.string() }).nullable(),
  howToCompile: z.string().nullable(),
});

export type ProjectReport = z.infer<typeof reportSchema>;

/**
 * What `build` wrote down about a project; null where it wrote nothing.
 *
 * @param boardId the board that is to be flashed
 * @throws FlashlmError bad-argument for a project of another board; parity-broken if the firmware was found to compute
 *   something else than the reference; missing-file if the report is damaged
 */
export async function readProjectReport(project: string, boardId: string): Promise<ProjectReport | null> {
  const file = path.join(project, 'build-report.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const report = parse(file, text);
  if (report.board !== boardId) {
    throw new FlashlmError(
      'bad-argument',
      `The project ${project} is for the board "${report.board}", not for "${boardId}".`,
      'Name the right --board or --project.',
    );
  }
  if ([report.parity, report.chipParity, report.hostParity].some((parity) => parity?.status === 'broken')) {
    throw new FlashlmError(
      'parity-broken',
      `The firmware in ${project} does not compute what the reference computes, so it is not flashed.`,
      `${file} says where they part.`,
    );
  }
  return report;
}

function parse(file: string, text: string): ProjectReport {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FlashlmError('missing-file', `${file} is damaged.`, 'Build the project again.', { cause });
  }
}
