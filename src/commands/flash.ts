import { type Command, Option } from 'commander';
import { FRAMEWORKS, type Framework } from '../boards/board.js';
import { requireFramework } from '../boards/frameworks.js';
import { findBoard } from '../boards/load.js';
import { projectFolder } from '../build/project-folder.js';
import { flashBoard } from '../flash/flash-board.js';
import { formatFlashResult } from '../flash/format-flash-result.js';
import { findMounts } from '../flash/uf2-volumes.js';
import { findUsbPorts } from '../flash/usb-ports.js';
import { withInterrupt } from './interrupt.js';
import { boardsDirOption, integerBetween } from './options.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu flash --board esp32c3                            the port is found by its USB ids
  flashlm-mcu flash --board esp32 --port /dev/ttyUSB1
  flashlm-mcu flash --board pico --volume /media/me/RPI-RP2    hold BOOTSEL while plugging it in
  flashlm-mcu flash --board blackpill-f411 --tool st-flash
  flashlm-mcu flash --board esp32c3 --dry-run                  which files would go where; touches nothing

The project is what flashlm-mcu build made. docs/flashing.md says what each board needs.
`;

/** A rate that every USB bridge of an ESP board can do. */
const BAUD_RATE = 460_800;
const [SLOWEST_BAUD, FASTEST_BAUD] = [9600, 3_000_000];

interface FlashOptions {
  board: string;
  boardsDir?: string;
  framework?: Framework;
  project?: string;
  port?: string;
  volume?: string;
  tool?: string;
  baud: number;
  all?: boolean;
  modelOnly?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `flash`: write a project's firmware to a board. */
export function addFlashCommand(program: Command): void {
  program
    .command('flash')
    .description('write the firmware that `flashlm-mcu build` made to a board')
    .requiredOption('--board <id>', 'board; `flashlm-mcu boards` lists them')
    .addOption(boardsDirOption())
    .addOption(new Option('--framework <name>', "packaging (default: the board's own)").choices(FRAMEWORKS))
    .option('--project <folder>', 'project that was built (default: build/BOARD)')
    .option('--port <path>', 'serial port, where it is not to be found by its USB ids')
    .option('--volume <folder>', "drive of a Pico's boot loader, where it is not to be found")
    .option('--tool <name>', 'program that writes, where a board has a choice: dfu-util or st-flash')
    .option(
      '--baud <rate>',
      'rate for writing to ESP chips, in bits per second',
      integerBetween(SLOWEST_BAUD, FASTEST_BAUD),
      BAUD_RATE,
    )
    .option('--all', 'write also what an ESP chip holds already')
    .option('--model-only', 'write the model and leave the program, where they lie apart (ESP-IDF, ESP8266)')
    .option('--dry-run', 'only list the files and where they would go')
    .option('--json', 'print one JSON document: board, method, target, tool, files, verified, warnings')
    .addHelpText('after', EXAMPLES)
    .action(runFlash);
}

async function runFlash(options: FlashOptions): Promise<void> {
  const board = await findBoard(options.board, options.boardsDir);
  const framework = options.framework ?? board.defaultFramework;
  requireFramework(board, framework);
  const bar = startProgressBar(`flashing ${board.name}`);
  const result = await withInterrupt((signal) =>
    flashBoard({
      board,
      project: options.project ?? projectFolder(board, framework),
      port: options.port,
      volume: options.volume,
      tool: options.tool,
      baudRate: options.baud,
      writeAll: options.all === true,
      modelOnly: options.modelOnly === true,
      dryRun: options.dryRun === true,
      findPorts: findUsbPorts,
      findMounts,
      signal,
      onProgress: (share, doing) => bar.update(share, doing),
      onOutput: (text) => {
        bar.stop(); // the tool shows its own
        if (process.stderr.isTTY) process.stderr.write(text);
      },
    }),
  ).finally(() => bar.stop());
  printResult(options.json, result, () => formatFlashResult(result, board));
}
