import type { Board } from '../boards/board.js';
import { formatBytes } from '../report/format.js';
import type { BuildReport, MemoryReport } from './build-report.js';

const BAR_LENGTH = 24;

/** The report for people: memory as bars, speed with its arithmetic, and whether the chip computes what it should. */
export function formatReport(report: BuildReport, board: Board): string {
  const { instructionsPerToken, estimate, parity, hostParity } = report;
  const lines = [
    `${report.model} on ${board.name} (${board.chip.core}), ${report.framework}`,
    '',
    ...formatMemory('flash', report.flash),
    ...formatMemory('RAM', report.ram),
    '',
    `a token reads ${formatBytes(report.bytesPerToken)} of flash` +
      (instructionsPerToken === null
        ? ''
        : ` and executes ${(instructionsPerToken / 1e6).toFixed(2)} million instructions (kernel ${report.kernel})`),
    estimate.arithmetic,
    '',
    formatParity(parity),
    hostParity === null || hostParity === parity ? '' : formatParity(hostParity),
    '',
    `project: ${report.project}`,
    ...report.artifacts.map((artifact) => `         ${artifact}`),
    report.howToCompile ?? '',
    report.framework === 'bare' && board.flashing !== undefined ? `to flash it: ${board.flashing}` : '',
  ];
  return lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trimEnd();
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
