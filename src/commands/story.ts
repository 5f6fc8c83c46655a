import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { applySettings, encodeLine } from '../emulate/trace.js';
import { FlashlmError } from '../errors.js';
import { SerialConsole } from '../serial/serial-console.js';
import { printResult } from './output.js';
import { addStoryOptions, type StoryOptions, storySettings } from './story-options.js';
import { tellAloud } from './tell-aloud.js';

const EXAMPLES = `
Examples:
  flashlm-mcu story --port /dev/ttyUSB0 "Once upon a time"
  flashlm-mcu story --port COM3 "Tom and his dog" --seed 7 --temperature 0.6
  flashlm-mcu story --port /dev/ttyACM0 "The cat" --tokens 64 --json
  flashlm-mcu story --port /dev/pts/3        line by line until Ctrl-D; also /seed 2, /temp 0.6, /info, /help
  flashlm-mcu story --port /dev/ttyUSB0 < beginnings.txt
`;

/** Commands of the console that may be typed; others change what a story looks like. */
const TYPED_COMMAND = /^\/(temp|topk|tokens|seed|info|help)\b/;

interface StoryCommandOptions extends StoryOptions {
  port: string;
  json?: boolean;
}

/** `story`: have a board tell stories. */
export function addStoryCommand(program: Command): void {
  const command = program
    .command('story')
    .description('have a board, or an emulator with --pty, tell a story over its serial port')
    .argument('[prompt]', 'beginning of the story; without it, each line typed is one')
    .requiredOption('--port <path>', 'serial port, for example /dev/ttyUSB0');
  addStoryOptions(command)
    .option('--json', 'print one JSON document: port, text, tokens, seconds, tokensPerSecond')
    .addHelpText('after', EXAMPLES)
    .action(runStory);
}

async function runStory(prompt: string | undefined, options: StoryCommandOptions): Promise<void> {
  if (prompt === undefined && options.json === true) {
    throw new FlashlmError(
      'bad-argument',
      '--json tells one story and got no prompt.',
      'Give its beginning, or "" for a story from nothing.',
    );
  }
  const line = encodeLine(prompt ?? ''); // a prompt that no board takes is refused before the port is opened
  const firmware = await SerialConsole.open(options.port);
  try {
    await applySettings(firmware, storySettings(line, options));
    if (prompt === undefined) return await tellLineByLine(firmware);
    if (options.json !== true) return await tellAloud((onText) => firmware.tell(line, onText));
    const { text, ...closing } = await firmware.tell(line);
    printResult(true, { port: options.port, text, ...closing }, () => []);
  } finally {
    await firmware.close();
  }
}

async function tellLineByLine(firmware: SerialConsole): Promise<void> {
  const isInteractive = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isInteractive ? { output: process.stderr, prompt: '> ' } : {}),
  });
  // In line editing, Ctrl-C is a key: make it the signal again once the terminal is as it was.
  lines.on('SIGINT', () => {
    lines.close();
    process.kill(process.pid, 'SIGINT');
  });
  if (isInteractive) {
    process.stderr.write('Type the beginning of a story and press Enter; Ctrl-D ends.\n');
    lines.prompt();
  }
  for await (const line of lines) {
    await answerLine(firmware, line, isInteractive);
    if (isInteractive) lines.prompt();
  }
}

async function answerLine(firmware: SerialConsole, line: string, isInteractive: boolean): Promise<void> {
  if (TYPED_COMMAND.test(line)) {
    process.stderr.write(`${await firmware.ask(line)}\n`);
    return;
  }
  let prompt: string;
  try {
    prompt = encodeLine(line);
  } catch (error) {
    if (!isInteractive || !(error instanceof FlashlmError)) throw error;
    process.stderr.write(`${error.what} ${error.action}\n`);
    return;
  }
  await tellAloud((onText) => firmware.tell(prompt, onText));
}
