import type { Board } from '../boards/board.js';
import { formatBytes } from '../report/format.js';
import type { BuildReport, MemoryReport } from './build-report.js';
import { projectFolder } from './project-folder.js';

const BAR_LENGTH = 24;

/** The report for people: memory as bars, speed with its arithmetic, and whether the chip computes what it should. */
export function formatReport(report: BuildReport, board: Board): string {
  const { estimate, parity, chipParity, hostParity } = report;
  const lines = [
    `${report.model} on ${board.name} (${board.chip.core}), ${report.framework}`,
    '',
    ...formatMemory('flash', report.flash),
    ...formatMemory('RAM', report.ram),
    report.stackUsed === null ? '' : `      of the stack, a story used ${report.stackUsed} bytes at most`,
    '',
    `${formatCost('a sampled token', report.sampled)} (kernel ${report.kernel})`,
    formatCost('the likeliest token', report),
    report.stagedBytes === 0
      ? ''
      : `of these, ${formatBytes(report.stagedBytes)} are read in RAM, where they are copied at the beginning of a story`,
    formatCores(report),
    estimate.arithmetic,
    '',
    formatParity(parity),
    chipParity === null ? '' : formatParity(chipParity),
    chipParity === null || report.cores === 1 ? '' : ONE_CORE_OF_A_CHIP,
    hostParity === null || hostParity === parity ? '' : formatParity(hostParity),
    '',
    `project: ${report.project}`,
    ...report.artifacts.map((artifact) => `         ${artifact}`),
    report.howToCompile ?? '',
    formatFlashing(report, board),
  ];
  return lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trimEnd();
}

/** rp2040js; firmware/ports/pico/second_core.c finds out. */
const ONE_CORE_OF_A_CHIP =
  '        (it emulates one core: the firmware finds no second one, and does all the work with the first)';

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
  { bytesPerToken, instructionsPerToken }: Pick<BuildReport, 'bytesPerToken' | 'instructionsPerToken'>,
): string {
  const executes =
    instructionsPerToken === null
      ? ''
      : ` and executes ${(instructionsPerToken / 1e6).toFixed(2)} million instructions`;
  return `${token} reads ${formatBytes(bytesPerToken)} of weights${executes}`;
}

function formatMemory(name: string, { used, available, parts, linked }: MemoryReport): string[] {
  const share = used / available;
  const filled = Math.min(BAR_LENGTH, Math.round(share * BAR_LENGTH));
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_LENGTH - filled);
  const list = parts.map((part) => `${part.name} ${formatBytes(part.bytes)}`).join(', ');
  return [
    `${name.padEnd(5)} ${bar} ${formatBytes(used)} of ${formatBytes(available)} (${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%)`,
    `      ${list}${linked ? '' : ' (estimate: the vendor tool links it)'}`,
  ];
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
