import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { checkParity } from '../../src/parity/parity.js';
import { IMAGES, MODELS } from '../firmware/models.js';
import { EXTENDED_CORES, isInstalled, plainBoard } from '../firmware/workspace.js';

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

describe.each(EXTENDED_CORES)('on $toolchain', async (core) => {
  const { toolchain, emulator } = core;
  const isMissing = !(await isInstalled(core));

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
