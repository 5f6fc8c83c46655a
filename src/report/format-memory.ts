import { formatBytes } from './format.js';
import type { MemoryReport, MemoryReports } from './memory-report.js';

const BAR_LENGTH = 24;

/** Flash and RAM as bars, each with its parts in a line below. */
export function formatMemories({ flash, ram }: MemoryReports): string[] {
  return [...formatMemory('flash', flash), ...formatMemory('RAM', ram)];
}

function formatMemory(name: string, { used, available, parts, linked }: MemoryReport): string[] {
  const share = used / available;
  const filled = Math.min(BAR_LENGTH, Math.round(share * BAR_LENGTH));
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_LENGTH - filled);
  const list = parts.map((part) => `${part.name} ${formatBytes(part.bytes)}`).join(', ');
  return [
    `${name.padEnd(5)} ${bar} ${formatBytes(used)} of ${formatBytes(available)} (${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%)`,
    `      ${list}${linked ? '' : ' (estimated, not linked)'}`,
  ];
}
