import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import type { BuildReport } from '../../src/build/build-report.js';
import { formatReport } from '../../src/build/format-report.js';
import { estimateSpeed, weightSourceOf } from '../../src/report/speed.js';

const board = await findBoard('pico');
const source = weightSourceOf(board, 'arduino', 1_000_000);
const token = { rowsPerToken: 402.4, bytesPerToken: 600_000, instructionsPerToken: 2_710_000 };
const memory = { used: 1000, available: 4096, parts: [{ name: 'model', bytes: 1000 }], linked: true };

function report(stagedBytes: number, changes: Partial<BuildReport> = {}): BuildReport {
  return {
    ...token,
    ...{ board: 'pico', model: 'mcu', framework: 'arduino', project: 'build/pico-arduino' },
    ...{ artifacts: [], kernel: 'plain', cores: 1, emulatedCores: 1 },
    ...{
      flash: memory,
      ram: memory,
      stackUsed: null,
      stagedBytes,
      sampled: token,
      instructionsOfCores: null,
    },
    estimate: estimateSpeed(board, source, { ...token, stagedBytes }),
    estimateWithoutStaging: estimateSpeed(board, source, { ...token, stagedBytes: 0 }),
    parity: { status: 'match', target: 'a test', steps: 7, checksum: '01234567' },
    ...{ chipParity: null, hostParity: null, howToCompile: null },
    ...changes,
  };
}

describe('the report of a build', () => {
  it('says how many rows the head reads, and what copies in RAM gain', () => {
    const text = formatReport(report(200_000), board);
    expect(text).toContain(
      'a sampled token reads 585.93 KiB of weights (402 rows of the output head among them) and executes 2.71 million instructions',
    );
    // 12 MB/s / 600 kB, and / 400 kB
    expect(text).toMatch(/ = 30\.0 tokens\/s.*\nwithout copies in RAM: 20\.0 tokens\/s\n/);
  });

  it('says that the stack has what is left where a framework was linked', () => {
    expect(formatReport(report(0), board)).toContain('the stack has what is left, 3.02 KiB');
    const planned = report(0, { ram: { ...memory, linked: false } });
    expect(formatReport(planned, board)).not.toContain('the stack has');
    expect(formatReport(planned, board)).toContain('estimated, not linked');
    expect(formatReport(report(0, { framework: 'bare', stackUsed: 396 }), board)).toContain(
      'of the stack, a story used 396 bytes at most',
    );
  });

  it('leaves no gap where there is nothing to say', () => {
    expect(formatReport(report(0), board)).not.toMatch(/\n\n\n|\n$/);
    expect(formatReport(report(0), board).split('\n\n')).toHaveLength(5);
  });
});
