import path from 'node:path';
import { type Command, Option } from 'commander';
import { FRAMEWORKS, type Framework } from '../boards/board.js';
import { findBoard } from '../boards/load.js';
import { buildFirmware } from '../build/build-firmware.js';
import { formatReport } from '../build/format-report.js';
import { EXIT_PARITY } from '../errors.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../model/find.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu build --board esp32c3
  flashlm-mcu build --board pico --model checkpoints/mine --out my-pico
  flashlm-mcu build --board esp32 --framework arduino --require-binary
`;

interface BuildOptions {
  board: string;
  model: string;
  out?: string;
  framework?: Framework;
  requireBinary?: boolean;
  json?: boolean;
}

/** `build`: generate, compile, compare with the reference, report. */
export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .description("make a board's firmware project, compile it and prove that it computes what it should")
    .requiredOption('--board <id>', 'board; `flashlm-mcu boards` lists them')
    .option('--model <name>', 'a shipped model, a checkpoint folder, or an image', DEFAULT_MODEL)
    .option('--out <folder>', 'where the project goes (default: build/BOARD)')
    .addOption(new Option('--framework <name>', "packaging (default: the board's own)").choices(FRAMEWORKS))
    .option('--require-binary', 'fail (exit code 3) where the binary cannot be made here')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runBuild);
}

async function runBuild(options: BuildOptions): Promise<void> {
  const board = await findBoard(options.board);
  const image = await readModelImage(await findModel(options.model));
  const framework = options.framework ?? board.defaultFramework;
  const bar = startProgressBar(`building for ${board.name}`);
  const report = await buildFirmware({
    board,
    image,
    framework,
    directory:
      options.out ??
      path.join('build', framework === board.defaultFramework ? board.id : `${board.id}-${framework}`),
    requireBinary: options.requireBinary === true,
    onProgress: (share, doing) => bar.update(share, doing),
  }).finally(() => bar.stop());
  printResult(options.json, report, () => [formatReport(report, board)]);
  if ([report.parity, report.hostParity].some((parity) => parity?.status === 'broken')) {
    process.stderr.write(
      'error: the firmware does not compute what the reference computes; do not flash it.\n',
    );
    process.exitCode = EXIT_PARITY;
  }
}
