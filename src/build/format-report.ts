import type { Board } from '../boards/board.js';
import { formatBytes, formatCount, joinParagraphs } from '../report/format.js';
import { formatMemories } from '../report/format-memory.js';
import { formatStagingGain } from '../report/speed-plan.js';
import type { BuildReport, TokenReport } from './build-report.js';
import { projectFolder } from './project-folder.js';

/** The report for people: memory as bars, speed with its arithmetic, and whether the chip computes what it should. */
export function formatReport(report: BuildReport, board: Board): string {
  const { estimate, parity, chipParity, hostParity } = report;
  return joinParagraphs([
    [`${report.model} on ${board.name} (${board.chip.core}), ${report.framework}`],
    [...formatMemories(report), formatStack(report)],
    [
      `${formatCost('a sampled token', report.sampled)} (kernel ${report.kernel})`,
      formatCost('the likeliest token', report),
      report.stagedBytes === 0
        ? ''
        : `of these, ${formatBytes(report.stagedBytes)} are read in RAM, where they are copied at the beginning of a story`,
      formatCores(report),
      estimate.arithmetic,
      formatStagingGain(estimate, report.estimateWithoutStaging),
    ],
    [
      formatParity(parity),
      chipParity === null ? '' : formatParity(chipParity),
      chipParity === null || report.cores === 1 ? '' : ONE_CORE_OF_A_CHIP,
      hostParity === null || hostParity === parity ? '' : formatParity(hostParity),
    ],
    [
      `project: ${report.project}`,
      ...report.artifacts.map((artifact) => `         ${artifact}`),
      report.howToCompile ?? '',
      formatFlashing(report, board),
    ],
  ]);
}

/** rp2040js; firmware/ports/pico/second_core.c finds out. */
const ONE_CORE_OF_A_CHIP =
  '        (it emulates one core: the firmware finds no second one, and does all the work with the first)';

/** What the stack takes: bare firmware reserves it, and measures it here; a framework gives it what is left. */
function formatStack({ stackUsed, framework, ram }: BuildReport): string {
  if (stackUsed !== null) return `      of the stack, a story used ${stackUsed} bytes at most`;
  if (framework === 'bare' || !ram.linked) return '';
  return `      the stack has what is left, ${formatBytes(ram.available - ram.used)}`;
}

/** What each core does, and whether that was seen on an emulator. */
function formatCores({ cores, emulatedCores, instructionsOfCores }: BuildReport): string {
  if (cores === 1) return '';
  if (emulatedCores === 1) {
    return 'two cores share each product; no emulator here has two of these, so what follows was counted on one alone';
  }
  if (instructionsOfCores === null) return 'two cores share each product';
  const [first, second] = instructionsOfCores.map((count) => (count / 1e6).toFixed(2));
  return `two cores share each product: of a sampled token the first executes ${first} million instructions, the second ${second}`;
}

function formatCost(
  token: string,
  { bytesPerToken, instructionsPerToken, rowsPerToken }: TokenReport,
): string {
  const rows =
    rowsPerToken === null
      ? ''
      : ` (${formatCount(Math.round(rowsPerToken))} rows of the output head among them)`;
  const executes =
    instructionsPerToken === null
      ? ''
      : ` and executes ${(instructionsPerToken / 1e6).toFixed(2)} million instructions`;
  return `${token} reads ${formatBytes(bytesPerToken)} of weights${rows}${executes}`;
}

function formatParity({ status, target, steps, checksum, mismatch }: BuildReport['parity']): string {
  return status === 'match'
    ? `parity: every logit of every step equals the reference's: ${steps} steps, checksum ${checksum}\n        on ${target}`
    : `PARITY BROKEN on ${target}: ${mismatch}`;
}

/** How the firmware gets onto the board: with this program, and for bare firmware also without it. */
function formatFlashing({ framework, project }: BuildReport, board: Board): string {
  const isElsewhere = project !== projectFolder(board, board.defaultFramework);
  const command = `flashlm-mcu flash --board ${board.id}${isElsewhere ? ` --project ${project}` : ''}`;
  const ways = [
    ...(board.flash === undefined ? [] : [command]),
    ...(framework === 'bare' && board.flashing !== undefined ? [board.flashing] : []),
  ];
  return ways.length === 0 ? '' : `to flash it: ${ways.join('\n         or: ')}`;
}
