import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadBoards } from '../boards/load.js';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { fillMarks, readShippedMeasurements, renderReadmeTables } from '../results/readme-tables.js';
import { printResult } from './output.js';

const EXAMPLES = `
Examples:
  flashlm-mcu results tables
  flashlm-mcu results tables --into README.md --json
Measures nothing: takes what "flashlm-mcu boards --measure --out docs/boards.md" (for nano: docs/boards-nano.md) wrote.
`;

/** `results tables`: puts the tables of boards into a page, so that nobody pastes figures by hand. */
export function addResultsTablesCommand(results: Command): void {
  results
    .command('tables')
    .description('put the tables of boards between their marks in a page')
    .option('--into <file>', 'the page', 'README.md')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    // `results` has --json, too, and takes it wherever it stands.
    .action((_, command: Command) => runResultsTables(command.optsWithGlobals()));
}

async function runResultsTables({ into, json }: { into: string; json?: boolean }): Promise<void> {
  const page = await readFile(into, 'utf8').catch((cause: Error) => {
    throw new FlashlmError(
      'bad-argument',
      `${into} cannot be read: ${cause.message}.`,
      'Choose another file with --into.',
      { cause },
    );
  });
  const tables = renderReadmeTables(await readShippedMeasurements(), await loadBoards());
  await writeFileAtomically(into, fillMarks(page, tables, into));
  const names = [...tables.keys()];
  printResult(json, { file: into, tables: names }, () => [`Written into ${into}: ${names.join(', ')}.`]);
}
