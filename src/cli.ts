#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addBenchCommand } from './commands/bench.js';
import { addBoardsCommand } from './commands/boards.js';
import { addBuildCommand } from './commands/build.js';
import { addDataCommand } from './commands/data.js';
import { addDemoCommand } from './commands/demo.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEmulateCommand } from './commands/emulate.js';
import { addEvalCommand } from './commands/eval.js';
import { addFlashCommand } from './commands/flash.js';
import { addImportCommand } from './commands/import.js';
import { addLogitsCommand } from './commands/logits.js';
import { reportError } from './commands/report-error.js';
import { addResultsCommand } from './commands/results.js';
import { addStoryCommand } from './commands/story.js';
import { addTokenizerCommand } from './commands/tokenizer.js';
import { addTrainCommand } from './commands/train.js';
import { EXIT_WRONG_USE } from './errors.js';

const EXAMPLES = `
Examples:
  flashlm-mcu demo                                       a story from an emulated ESP32-C3
  flashlm-mcu build --board pico                         generate, compile, check, report
  flashlm-mcu emulate --board esp32c3 --prompt "Once upon a time"
  flashlm-mcu flash --board pico                         write it to the board
  flashlm-mcu story --port /dev/ttyUSB0 "Once upon a time"
  flashlm-mcu train --data stories.txt --minutes 60      a model of your own

Exit codes: 0 good, 1 the work failed, 2 wrong use, 3 a tool or port is missing, 4 parity broken, 5 does not fit.
`;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const program = new Command('flashlm-mcu')
  .description(
    'Language models with weights of -1, 0 and +1 on microcontrollers: train, build, prove, tell stories.',
  )
  .version(version)
  .option('--verbose', 'show where an error came from')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(add --help for the options)')
  .exitOverride();

const addCommands = [
  addDemoCommand,
  addBoardsCommand,
  addBuildCommand,
  addEmulateCommand,
  addFlashCommand,
  addStoryCommand,
  addDataCommand,
  addTrainCommand,
  addEvalCommand,
  addResultsCommand,
  addTokenizerCommand,
  addImportCommand,
  addLogitsCommand,
  addBenchCommand,
  addDoctorCommand,
];
for (const add of addCommands) add(program);

// A reader that closes early (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has printed its message on stderr; help and version are no errors
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
    if (error.exitCode !== 0 && process.argv.includes('--json')) printUsageError(error);
  } else {
    process.exitCode = reportError(error, {
      verbose: program.opts<{ verbose?: boolean }>().verbose === true || process.argv.includes('--verbose'),
      json: process.argv.includes('--json'),
    });
  }
}

/** The same for tools. */
function printUsageError({ message }: CommanderError): void {
  const [what, ...rest] = message.replace(/^error: /, '').split('\n');
  const action = [...rest, 'Add --help for the options.'].join(' ');
  process.stdout.write(`${JSON.stringify({ error: { code: 'bad-argument', what, action } }, null, 2)}\n`);
}
