import { type Command, Option } from 'commander';
import type { Board } from '../boards/board.js';
import { findBoard } from '../boards/load.js';
import { emulatorFirmware } from '../emulate/emulator-firmware.js';
import { startPseudoTerminal } from '../emulate/pseudo-terminal.js';
import { tellOnEmulator, traceOnEmulator } from '../emulate/run.js';
import { attachTerminal } from '../emulate/terminal.js';
import { measureTokenCost } from '../emulate/token-cost.js';
import { encodeLine } from '../emulate/trace.js';
import { readImage } from '../image/read.js';
import type { IntegerModel } from '../integer/model.js';
import { hexadecimal } from '../parity/parity.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { boardModel, boardModelOption } from './board-model.js';
import { boardsDirOption } from './options.js';
import { printResult } from './output.js';
import { addStoryOptions, type StoryOptions, storySettings } from './story-options.js';
import { tellAloud } from './tell-aloud.js';

const EXAMPLES = `
Examples:
  flashlm-mcu emulate --board esp32c3 --prompt "Once upon a time"
  flashlm-mcu emulate --board pico --prompt "Tom" --seed 7 --json
  flashlm-mcu emulate --board esp32c3            talk to it in this terminal
  flashlm-mcu emulate --board esp32c3 --pty      then: flashlm-mcu story --port /dev/pts/N
`;

interface EmulateOptions extends StoryOptions {
  board: string;
  boardsDir?: string;
  model?: string;
  prompt?: string;
  pty?: boolean;
  json?: boolean;
}

/** `emulate`: run a board's firmware without the board. */
export function addEmulateCommand(program: Command): void {
  const command = program
    .command('emulate')
    .description("run a board's firmware on this computer")
    .option('--board <id>', 'board, or "host"', 'host')
    .addOption(boardsDirOption())
    .addOption(boardModelOption())
    .option('--prompt <text>', 'beginning of the story');
  addStoryOptions(command)
    .addOption(
      new Option('--pty', 'connect the serial port to a new pseudo-terminal and wait').conflicts([
        'json',
        'prompt',
      ]),
    )
    .option('--json', 'print one JSON document: model, tokens, text, checksum, instructions')
    .addHelpText('after', EXAMPLES)
    .action(runEmulate);
}

async function runEmulate(options: EmulateOptions): Promise<void> {
  encodeLine(options.prompt ?? ''); // a prompt that no board takes is refused before anything is compiled
  const board = await findBoard(options.board, options.boardsDir);
  const image = await boardModel(options, board, board.defaultFramework);
  const model = readImage(image); // a damaged image is refused here, in words, before anything is compiled
  const firmware = await emulatorFirmware(image, board);
  if (options.json === true) return printTrace(board, model, firmware, options);
  if (options.pty === true) {
    const terminal = await startPseudoTerminal(firmware);
    process.stdout.write(`${board.name} on ${firmware.emulator.description}\n`);
    process.stdout.write(`serial port: ${terminal.device}\n`);
    process.stdout.write(`Talk to it: flashlm-mcu story --port ${terminal.device} "Once upon a time"\n`);
    process.stdout.write('Ctrl-C ends it.\n');
    const stop = () => terminal.close();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    return terminal.ended;
  }
  if (options.prompt === undefined) return attachTerminal(firmware);
  const settings = storySettings(options.prompt, options);
  await tellAloud((onText) => tellOnEmulator(firmware, settings, onText));
}

async function printTrace(
  board: Board,
  model: IntegerModel,
  firmware: Awaited<ReturnType<typeof emulatorFirmware>>,
  options: EmulateOptions,
): Promise<void> {
  const prompt = options.prompt ?? '';
  const trace = await traceOnEmulator(firmware, storySettings(prompt, options));
  const tokens = trace.steps.slice(trace.steps.length - trace.sampled).map(({ token }) => token);
  const result = {
    board: board.id,
    model: model.name,
    target: firmware.emulator.description,
    text: prompt + Tokenizer.fromPieces(model.pieces).decode(tokens),
    tokens,
    checksum: hexadecimal(trace.checksum),
    instructionsPerToken: (await measureTokenCost(firmware)).instructions,
  };
  printResult(true, result, () => []);
}
