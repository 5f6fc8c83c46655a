import { type Command, Option } from 'commander';
import { FRAMEWORKS, type Framework } from '../boards/board.js';
import { type CoreCount, coresFor } from '../boards/cores.js';
import { requireFramework } from '../boards/frameworks.js';
import { findBoard } from '../boards/load.js';
import { buildFirmware } from '../build/build-firmware.js';
import { formatReport } from '../build/format-report.js';
import { knownCost } from '../build/known-cost.js';
import { projectFolder } from '../build/project-folder.js';
import { EXIT_PARITY } from '../errors.js';
import { formatPlanInShort } from '../report/format-plan.js';
import { planFirmware } from '../report/plan.js';
import { boardModel, boardModelOption } from './board-model.js';
import { boardsDirOption, integerBetween } from './options.js';
import { printResult } from './output.js';
import { startProgressBar } from './progress-bar.js';

const EXAMPLES = `
Examples:
  flashlm-mcu build --board esp32c3
  flashlm-mcu build --board mega2560 --framework arduino      with nano, the largest model that fits it
  flashlm-mcu build --board pico --model checkpoints/mine --out my-pico
  flashlm-mcu build --board pico --cores 1       its second core stays off
  flashlm-mcu build --board esp32 --framework arduino --require-binary
  flashlm-mcu build --board esp32s3 --framework esp-idf --out my-esp --force
Frameworks: bare (Makefile), arduino (a sketch), arduino-library (a library and its zip), platformio, esp-idf.
`;

interface BuildOptions {
  board: string;
  boardsDir?: string;
  model?: string;
  out?: string;
  framework?: Framework;
  requireBinary?: boolean;
  force?: boolean;
  cores?: CoreCount;
  json?: boolean;
}

/** `build`: generate, compile, compare with the reference, report. */
export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .description("make a board's firmware project, compile it and prove that it computes what it should")
    .requiredOption('--board <id>', 'board; `flashlm-mcu boards` lists them')
    .addOption(boardsDirOption())
    .addOption(boardModelOption())
    .option('--out <folder>', 'where the project goes (default: build/BOARD)')
    .addOption(new Option('--framework <name>', "packaging (default: the board's own)").choices(FRAMEWORKS))
    .option('--require-binary', 'fail (exit code 3) where the binary cannot be made here')
    .option('--force', 'overwrite files of an earlier project that were edited; added ones stay')
    .addOption(
      new Option('--cores <number>', 'that share each product (default: as many as can)').argParser(
        integerBetween(1, 2),
      ),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runBuild);
}

async function runBuild(options: BuildOptions): Promise<void> {
  const board = await findBoard(options.board, options.boardsDir);
  const framework = options.framework ?? board.defaultFramework;
  requireFramework(board, framework);
  const image = await boardModel(options, board, framework);
  const cores = coresFor(board, options.cores);
  if (options.json !== true && process.stderr.isTTY) {
    const plan = planFirmware({ image, board, framework, cores, cost: await knownCost(image, board) });
    process.stderr.write(`${formatPlanInShort(plan, board)}\n`);
  }
  const bar = startProgressBar(`building for ${board.name}`);
  const report = await buildFirmware({
    board,
    image,
    framework,
    directory: options.out ?? projectFolder(board, framework),
    cores,
    requireBinary: options.requireBinary === true,
    force: options.force === true,
    onProgress: (share, doing) => bar.update(share, doing),
  }).finally(() => bar.stop());
  printResult(options.json, report, () => [formatReport(report, board)]);
  if ([report.parity, report.chipParity, report.hostParity].some((parity) => parity?.status === 'broken')) {
    process.stderr.write(
      'error: the firmware does not compute what the reference computes; do not flash it.\n',
    );
    process.exitCode = EXIT_PARITY;
  }
}
