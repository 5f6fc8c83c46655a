import path from 'node:path';
import type { Command } from 'commander';
import { findBoard } from '../boards/load.js';
import { buildFirmware } from '../build/build-firmware.js';
import { formatReport } from '../build/format-report.js';
import { EMULATOR_ELF } from '../emulate/emulator-firmware.js';
import { findEmulator } from '../emulate/emulators.js';
import { startPseudoTerminal } from '../emulate/pseudo-terminal.js';
import { applySettings } from '../emulate/trace.js';
import { SerialConsole } from '../serial/serial-console.js';
import { boardModel, boardModelOption } from './board-model.js';
import { startProgressBar } from './progress-bar.js';
import { addStoryOptions, type StoryOptions, storySettings } from './story-options.js';

const DEFAULT_PROMPT = 'Once upon a time';

interface DemoOptions extends StoryOptions {
  board: string;
  model?: string;
}

/** `demo`: a story over an emulated serial port, then the report that proves it. */
export function addDemoCommand(program: Command): void {
  const command = program
    .command('demo')
    .description('build for an ESP32-C3, have its emulated serial port tell a story, and show the report')
    .argument('[prompt]', 'beginning of the story', DEFAULT_PROMPT)
    .option('--board <id>', 'board with an emulator', 'esp32c3')
    .addOption(boardModelOption());
  addStoryOptions(command).action(runDemo);
}

async function runDemo(prompt: string, options: DemoOptions): Promise<void> {
  const board = await findBoard(options.board);
  const image = await boardModel(options, board, 'bare');
  const directory = path.join('build', board.id);
  const bar = startProgressBar(`building for ${board.name}`);
  const report = await buildFirmware({
    board,
    image,
    framework: 'bare',
    directory,
    requireBinary: false,
    onProgress: (share, doing) => bar.update(share, doing),
  }).finally(() => bar.stop());

  const emulator = findEmulator(board.emulator);
  const terminal = await startPseudoTerminal({ emulator, elfFile: path.resolve(directory, EMULATOR_ELF) });
  try {
    process.stdout.write(`${board.name}, serial port ${terminal.device}:\n\n`);
    await tell(terminal.device, prompt, options);
  } finally {
    terminal.close();
  }
  process.stdout.write(`\n\n${formatReport(report, board)}\n`);
}

/** Streams the story to stdout, as the serial port delivers it. */
async function tell(device: string, prompt: string, options: StoryOptions): Promise<void> {
  const settings = storySettings(prompt, options);
  const firmware = await SerialConsole.open(device);
  try {
    await applySettings(firmware, settings);
    await firmware.tell(settings.prompt, (text) => process.stdout.write(text));
  } finally {
    await firmware.close();
  }
}
