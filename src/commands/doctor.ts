import type { Command } from 'commander';
import { findBoard } from '../boards/load.js';
import { checkTools, requireToolsOf } from '../compile/doctor.js';
import { EXIT_MISSING, FlashlmError } from '../errors.js';
import { boardsDirOption } from './options.js';
import { printResult } from './output.js';
import { formatTable } from './table.js';

const EXAMPLES = `
Examples:
  flashlm-mcu doctor
  flashlm-mcu doctor --require esp32c3     exit code 3 if a tool of that board is missing
`;

interface DoctorOptions {
  require?: string;
  boardsDir?: string;
  json?: boolean;
}

/** `doctor`: which compilers, emulators and tools for flashing are installed, and how to get the others. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check which compilers, emulators and tools for flashing are installed')
    .option('--require <board>', 'fail (exit code 3) if a tool that this board needs is missing')
    .addOption(boardsDirOption())
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runDoctor);
}

async function runDoctor(options: DoctorOptions): Promise<void> {
  const board = options.require === undefined ? null : await findBoard(options.require, options.boardsDir);
  const tools = await checkTools();
  const problem = board === null ? null : findProblem(() => requireToolsOf(board, tools));
  const report = { tools, required: board?.id ?? null, problem: problem?.message ?? null };
  printResult(options.json, report, () => [
    ...formatTable(
      tools.map(({ name, status, version, install, purpose }) => [
        status === 'found' ? 'ok' : status === 'missing' ? '--' : 'old',
        name,
        install === null ? (version ?? 'found') : `${install}   (${purpose})`,
      ]),
    ),
    board !== null && problem === null ? `Everything that ${board.id} needs is installed.` : '',
  ]);
  if (problem !== null) {
    process.stderr.write(`error: ${problem.what}\n${problem.action}\n`);
    process.exitCode = EXIT_MISSING;
  }
}

/** The error that a check throws; null if it passes. */
function findProblem(check: () => void): FlashlmError | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof FlashlmError) return error;
    throw error;
  }
}
