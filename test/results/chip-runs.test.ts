import { beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { buildFirmware } from '../../src/build/build-firmware.js';
import type { BuildReport } from '../../src/build/build-report.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import type { ParityReport } from '../../src/parity/parity.js';
import { runChips } from '../../src/results/chip-runs.js';

vi.mock(import('../../src/build/build-firmware.js'), () => ({ buildFirmware: vi.fn() }));
vi.mock(import('../../src/emulate/token-cost.js'), async (original) => ({
  ...(await original()),
  measureTokenCost: vi.fn(),
}));

const image = await readModelImage(await findModel('mcu'));
const pico = await findBoard('pico');
const match: ParityReport = { status: 'match', target: 'rp2040js', steps: 15, checksum: '0123abcd' };

function buildMakes(artifacts: string[], chipParity: ParityReport | null) {
  vi.mocked(buildFirmware).mockResolvedValue({ artifacts, chipParity } as BuildReport);
}

beforeEach(() => {
  vi.mocked(measureTokenCost)
    .mockReset()
    .mockResolvedValue({
      ...{ instructions: 1234, ofCores: null, rows: 1, stageBytes: null, stackBytes: null },
    });
});

describe('runChips', () => {
  it('builds for boards whose chip is emulated, where the model fits, and counts in what is flashed', async () => {
    buildMakes(['p/firmware.elf', 'p/firmware.bin', 'p/firmware.uf2'], match);
    const boards = [pico, await findBoard('esp32c3'), await findBoard('mega2560')];
    const runs = await runChips(image, boards, () => undefined);
    expect(runs).toMatchObject([
      { board: 'pico', emulator: 'rp2040js', instructionsPerToken: 1234, paritySteps: 15 },
    ]);
    expect(vi.mocked(measureTokenCost).mock.lastCall?.[0]).toMatchObject({
      ...{ elfFile: 'p/firmware.uf2', symbolsFile: 'p/firmware.elf' },
    });
  });

  it.each([
    ['differs', ['p/firmware.uf2'], { ...match, status: 'broken', mismatch: 'step 3' } as const, /step 3/],
    ['was not made', ['p/firmware.bin'], null, /not made/],
  ])('says so where the file that is flashed %s', async (_, artifacts, chipParity, complaint) => {
    buildMakes(artifacts, chipParity);
    await expect(runChips(image, [pico], () => undefined)).rejects.toMatchObject({
      code: 'parity-broken',
      message: expect.stringMatching(complaint),
    });
  });
});
