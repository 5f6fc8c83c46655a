import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBoard, loadBoards } from '../../src/boards/load.js';
import { findChipEmulator } from '../../src/emulate/chip-emulators.js';
import { emulatorFirmware, emulatorHolds } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { DEFAULT_MODEL, findModel, readModelImage } from '../../src/model/find.js';
import { checkFit } from '../../src/report/fit.js';
import { checkBoardsPagePlace, renderBoardsPage, writeBoardsPage } from '../../src/results/boards-page.js';
import { runChips } from '../../src/results/chip-runs.js';
import { type CoreRuns, coreRunsSchema, runCores, runOf, shippedRuns } from '../../src/results/core-runs.js';
import { fillMarks, readShippedMeasurements, renderReadmeTables } from '../../src/results/readme-tables.js';
import { runFirmware } from '../../src/results/run-firmware.js';
import { IMAGES } from '../firmware/models.js';

vi.mock(import('../../src/emulate/emulator-firmware.js'), async (original) => ({
  ...(await original()),
  emulatorFirmware: vi.fn(),
}));
vi.mock(import('../../src/results/run-firmware.js'), () => ({ runFirmware: vi.fn() }));
vi.mock(import('../../src/results/chip-runs.js'), async (original) => ({
  ...(await original()),
  runChips: vi.fn(),
}));

const docs = path.join(PACKAGE_ROOT, 'docs');
const boards = await loadBoards();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-boards-page-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Whoever changes a model or a board runs `flashlm-mcu boards --model NAME --measure --out docs/boards-NAME.md` again. */
describe.each([
  { model: DEFAULT_MODEL, page: 'boards' },
  { model: 'nano', page: 'boards-nano' },
  { model: 'v4', page: 'boards-v4' },
])('the page of $model that ships', async ({ model, page }) => {
  const runs = coreRunsSchema.parse(JSON.parse(await readFile(path.join(docs, `${page}.json`), 'utf8')));
  const image = await readModelImage(await findModel(model));

  it('says what its figures and the board files say', async () => {
    expect(await readFile(path.join(docs, `${page}.md`), 'utf8')).toBe(
      renderBoardsPage(runs, image, boards, `${page}.json`),
    );
  });

  it('is of the model that ships', async () => {
    expect(await shippedRuns(image)).toEqual(runs);
  });

  it('has a run for every board with an emulator that holds it', () => {
    const emulated = boards.filter(({ emulator }) => findEmulator(emulator).program !== null);
    for (const board of emulated.filter((candidate) => emulatorHolds(image, candidate))) {
      const run = runOf(board, runs);
      expect(run, board.id).toMatchObject({ instructionsPerToken: expect.any(Number) });
      expect(run?.target).toBe(findEmulator(run?.emulator ?? '').description);
    }
  });

  it('has a run of the file that is flashed for every board with an emulator of its chip that it fits', () => {
    const fitting = boards.filter(({ chipEmulator, ...board }) => {
      if (chipEmulator === undefined) return false;
      return checkFit(image, board, findChipEmulator(chipEmulator).framework).fits;
    });
    expect(runs.chipRuns.map(({ board }) => board)).toEqual(fitting.map(({ id }) => id));
  });
});

describe('the README', async () => {
  const readme = await readFile(path.join(PACKAGE_ROOT, 'README.md'), 'utf8');
  const tables = renderReadmeTables(await readShippedMeasurements(), boards);

  it('has the tables that `flashlm-mcu results tables` writes', () => {
    expect(fillMarks(readme, tables, 'README.md')).toBe(readme);
  });

  it('compares every core that an emulator runs', () => {
    const emulated = boards.filter(({ emulator }) => findEmulator(emulator).program !== null);
    for (const { name, chip } of emulated) {
      const row = tables
        .get('parity')
        ?.split('\n')
        .find((line) => line.startsWith(`| ${name} | `));
      expect(row ?? '', name).toContain(`${chip.core} |`);
    }
  });
});

it('an image that does not ship has no runs', async () => {
  expect(await shippedRuns(IMAGES.small)).toBeNull();
});

describe('runCores', () => {
  it('runs once what boards share, and leaves this computer out', async () => {
    vi.mocked(emulatorFirmware).mockImplementation(async (_, { emulator }) => ({
      ...{ emulator: findEmulator(emulator), elfFile: emulator },
    }));
    vi.mocked(runFirmware).mockImplementation(async (_, { elfFile }) => ({
      instructionsPerToken: elfFile === 'qemu-arm-mps2' ? 2000 : 1000,
      ...{ instructionsPerLikeliestToken: 900, rowsPerToken: 10, paritySteps: 7 },
    }));
    const chipRun = { board: 'pico', emulator: 'rp2040js', target: 'a chip', paritySteps: 3 };
    vi.mocked(runChips).mockImplementation(async (_, __, onProgress) => {
      onProgress(0.5, 'a chip');
      return [{ ...chipRun, instructionsPerToken: null }];
    });
    const ids = ['host', 'esp32c6', 'pico2-riscv', 'pico'];
    const chosen = await Promise.all(ids.map((id) => findBoard(id)));
    const shares: number[] = [];
    const runs = await runCores(IMAGES.small, chosen, (share) => shares.push(share));
    expect(runs.runs).toMatchObject([
      { toolchain: 'riscv32imac', emulator: 'qemu-riscv32-virt', instructionsPerToken: 1000 },
      { toolchain: 'cortex-m0plus', emulator: 'qemu-arm-mps2-an521', cores: 2, instructionsPerToken: 2000 },
    ]);
    expect(chosen.map((board) => runOf(board, runs)?.instructionsPerToken)).toEqual([
      undefined,
      1000,
      1000,
      2000,
    ]);
    expect(runs.chipRuns).toMatchObject([chipRun]);
    expect(shares).toEqual([0, 0.35, 0.85]);
  });
});

describe('writeBoardsPage', async () => {
  const runs: CoreRuns = {
    command: 'flashlm-mcu boards --measure --out mine.md',
    model: { name: 'a *small* one', fingerprint: '0123abcd', bytesInFlash: IMAGES.small.length },
    runs: [
      {
        ...{
          toolchain: 'cortex-m0plus',
          emulator: 'qemu-arm-mps2-an521',
          cores: 2,
          pageBytes: null,
          target: 'QEMU, Arm (nearly)',
        },
        ...{ instructionsPerToken: 1234567, bytesPerToken: 4000, paritySteps: 1024 },
      },
    ],
    chipRuns: [
      {
        ...{ board: 'pico', emulator: 'rp2040js', target: 'rp2040js (the UF2 file itself)' },
        ...{ instructionsPerToken: 2345678, paritySteps: 27 },
      },
    ],
  };
  const pico = await findBoard('pico');

  it('writes the table, and figures that are read again', async () => {
    const page = path.join(folder, 'mine.md');
    await checkBoardsPagePlace(page);
    const files = await writeBoardsPage(runs, IMAGES.small, [pico, await findBoard('esp32')], page);
    expect(files).toEqual([path.join(folder, 'mine.json'), page]);
    expect(JSON.parse(await readFile(files[0], 'utf8'))).toEqual(runs);
    const text = await readFile(page, 'utf8');
    expect(text).toContain(
      '| Raspberry Pi Pico | 2 x Cortex-M0+ | QEMU, Arm | match, 1,024 steps | 1,234,567 |',
    );
    expect(text).toContain(
      '| Raspberry Pi Pico | Cortex-M0+ | rp2040js: the UF2 file itself | match, 27 steps | 2,345,678 |',
    );
    expect(text).toContain('- rp2040js (the UF2 file itself)');
    // 133 MHz x 0.68 a clock / 1.234567 million
    expect(text).toContain('| Raspberry Pi Pico | yes (bare) | 73.3 | instructions |');
    // 12 MB/s for 4,000 bytes, of which none need lie in RAM: the core is the limit.
    expect(text).toContain('| Raspberry Pi Pico | 3000.0 | 3000.0 | 73.3 | 0% | 73.3 | 73.3 | 73.3 |');
    expect(text).toContain('a \\*small\\* one');
    expect(text).toContain(`    ${runs.command}\n`);
    expect(text).not.toContain('ESP32');
    await expect(checkBoardsPagePlace(page)).resolves.toBeUndefined();
  });

  it('never replaces anything else', async () => {
    const diary = path.join(folder, 'diary.md');
    await writeFile(diary, '# Monday');
    await expect(checkBoardsPagePlace(diary)).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
