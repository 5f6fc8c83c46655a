import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../src/compile/find-program.js';
import { compilerOf, findToolchain } from '../../src/compile/toolchains.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { checkParity } from '../../src/parity/parity.js';
import { IMAGES, MODELS } from '../firmware/models.js';
import { plainBoard } from '../firmware/workspace.js';

/** The cores that differ from those of test/firmware only in their instruction sets' extensions. */
const CORES = [
  { toolchain: 'riscv32imac', emulator: 'qemu-riscv32-virt' },
  { toolchain: 'cortex-m4', emulator: 'qemu-arm-mps2-an386' },
  { toolchain: 'cortex-m7', emulator: 'qemu-arm-mps2-an500' },
  { toolchain: 'cortex-m33', emulator: 'qemu-arm-mps2-an505' },
];

const STORIES: StorySettings[] = [
  { prompt: 'a cab', tokens: 6, seed: 3, temperatureThousandths: 800, topK: 40 },
];

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'flashlm-cores-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

describe.each(CORES)('on $toolchain', async ({ toolchain, emulator }) => {
  const programs = [compilerOf(findToolchain(toolchain)), findEmulator(emulator).program?.name ?? 'make'];
  const isMissing = (await Promise.all(programs.map(findProgram))).includes(null);

  it.skipIf(isMissing)("every logit is the reference's, and instructions are counted", async () => {
    const firmware = await emulatorFirmware(
      IMAGES.memoryAndClusters,
      plainBoard(toolchain, toolchain, emulator),
    );
    expect(await checkParity(MODELS.memoryAndClusters, firmware, STORIES)).toMatchObject({ status: 'match' });
    const { instructions, stackBytes } = await measureTokenCost(firmware);
    expect(instructions).toBeGreaterThan(1e5);
    expect(stackBytes).toBeGreaterThan(100);
    expect(stackBytes).toBeLessThan((1024 * 2) / 3);
  });
});
