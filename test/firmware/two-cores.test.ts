import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../src/compile/find-program.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { withHalves } from '../../src/generate/kernel-passes.js';
import { checkParity } from '../../src/parity/parity.js';
import { IMAGES, MODELS } from './models.js';
import { buildFirmware, makeWorkspace } from './workspace.js';

const workspace = await makeWorkspace();

const STORIES: StorySettings[] = [
  { prompt: 'a cab', tokens: 4, seed: 3, temperatureThousandths: 800, topK: 40 },
];

async function buildForTwo(
  toolchain: string,
  emulator: string,
  compilerFlags: string[] = [],
): Promise<string> {
  const name = `${toolchain}-${emulator}${compilerFlags.join('')}`;
  const target = { name, toolchain, emulator };
  return buildFirmware(path.join(workspace, name), IMAGES.memoryAndClusters, target, {
    ...{ cores: 2, compilerFlags },
  });
}

describe('two cores share each product', () => {
  it('in halves of whole quads of columns, which are all of it', () => {
    expect(withHalves([240])).toEqual([240, 120]);
    expect(withHalves([192, 20])).toEqual([192, 100, 92, 20]);
  });

  it("on threads of this computer every logit is the reference's, and ThreadSanitizer finds no race", async () => {
    const elfFile = await buildForTwo('host', 'host', ['-fsanitize=thread']);
    expect((await readFile(elfFile)).includes('__tsan')).toBe(true);
    const { stdout, stderr } = await execa(elfFile, { input: '/tokens 4\ra cab\r\u0004' });
    expect(stdout).toContain('a cab');
    expect(stderr).toBe('');
    const firmware = { emulator: findEmulator('host'), elfFile };
    expect(await checkParity(MODELS.memoryAndClusters, firmware, STORIES)).toMatchObject({ status: 'match' });
  });

  for (const toolchain of ['cortex-m0plus', 'cortex-m33']) {
    it(`on two emulated cores, code for ${toolchain}: the logits of the reference, and work for both`, async (context) => {
      const needed = await Promise.all(['arm-none-eabi-gcc', 'qemu-system-arm', 'gcc'].map(findProgram));
      if (needed.includes(null)) context.skip();
      const elfFile = await buildForTwo(toolchain, 'qemu-arm-mps2-an521');
      const firmware = { emulator: findEmulator('qemu-arm-mps2-an521'), elfFile };
      expect(await checkParity(MODELS.memoryAndClusters, firmware, STORIES)).toMatchObject({
        status: 'match',
      });
      const { instructions, ofCores } = await measureTokenCost(firmware);
      const [first, second] = ofCores ?? [0, 0];
      expect(second).toBeGreaterThan(0.2 * first);
      expect(instructions).toBeGreaterThanOrEqual(first);
      expect(instructions).toBeLessThan(first + second);
    });
  }
});
