import { describe, expect, it } from 'vitest';
import { coresFor } from '../../src/boards/cores.js';
import { findBoard } from '../../src/boards/load.js';
import { knownCost } from '../../src/build/known-cost.js';
import { listSections } from '../../src/image/read.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { checkFit } from '../../src/report/fit.js';
import { formatPlan, formatPlanInShort } from '../../src/report/format-plan.js';
import { planFirmware } from '../../src/report/plan.js';

async function planFor(model: string, id: string, isCounted = true) {
  const board = await findBoard(id);
  const image = await readModelImage(await findModel(model));
  const cost = isCounted ? await knownCost(image, board) : null;
  const framework = board.defaultFramework;
  const plan = planFirmware({ image, board, framework, cores: coresFor(board), cost });
  return { board, image, plan, text: formatPlan(plan, board) };
}

describe('the plan for a board', () => {
  it.each([
    ['mcu', 'pico'],
    ['mcu', 'teensy41'],
    ['nano', 'mega2560'],
    ['mcu', 'esp32s3-psram'],
  ])('of %s on %s accounts for every byte', async (model, id) => {
    const { board, image, plan } = await planFor(model, id);
    const fit = checkFit(image, board, plan.framework);
    expect(plan.flash).toMatchObject({ used: fit.flash.used, linked: false });
    expect(plan.ram.used).toBe(fit.ram.used + plan.staged.bytes);
    expect(plan.ram.used).toBeLessThanOrEqual(plan.ram.available);
    for (const { used, parts } of [plan.flash, plan.ram]) {
      expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(used);
    }
    const inSections = listSections(image).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(plan.layers.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(inSections);
    const copied = plan.layers.reduce((sum, { bytesInRam }) => sum + bytesInRam, 0);
    expect(Math.abs(plan.staged.bytes - copied)).toBeLessThan(16 * 40); // sections are padded to 16 bytes
  });

  it('says what is read where, what both limits are, and what copies in RAM gain', async () => {
    const { plan, text } = await planFor('mcu', 'pico');
    expect(plan.estimate.ceilings.map(({ limit }) => limit).sort()).toEqual(['flash', 'instructions']);
    expect(plan.estimate.tokensPerSecond).toBeGreaterThan(plan.estimateWithoutStaging.tokensPerSecond ?? 0);
    expect(text).toMatch(/^mcu on Raspberry Pi Pico \(Cortex-M0\+\), bare: fits, /);
    expect(text).toMatch(
      /copied into RAM: \w+ of block \d to \w+ of block \d, .*; all others are read in flash:/,
    );
    expect(text).toMatch(/^ +block 0: .* in RAM/m);
    expect(text).toMatch(/^ +embedding and head: .* in flash$/m);
    expect(text).toMatch(/flash: 12 MB\/s \/ \(.* in RAM\) a token = /);
    expect(text).toMatch(/instructions: 133 MHz x 0.68 a clock \/ /);
    expect(text).toMatch(/^without copies in RAM: [\d.]+ tokens\/s$/m);
  });

  it('names external RAM where that holds the image', async () => {
    const { plan, text } = await planFor('mcu', 'esp32s3-psram');
    expect(plan.unstagedIn).toBe('external RAM');
    expect(text).toContain('external RAM: 43 MB/s / ');
  });

  it('says by how much a model does not fit, what would, and nothing of speed', async () => {
    const { plan, text } = await planFor('mcu', 'mega2560');
    expect(plan.fits).toBe(false);
    expect(plan.missing.flash).toBeGreaterThan(1e6);
    expect(plan.proposals).toContain('the preset nano');
    expect(text).toMatch(
      /does not fit, lacks [\d,]+ bytes of flash and [\d,]+ bytes of RAM. What fits: .*the preset nano/,
    );
    expect(text).not.toContain('tokens/s');
  });

  it('says that instructions are not counted yet where they are not', async () => {
    const { plan, text } = await planFor('mcu', 'esp32c3', false);
    expect(plan.estimate.instructionsPerToken).toBeNull();
    expect(text).toContain('instructions: not counted yet');
  });

  it('fits a line', async () => {
    const { plan, board } = await planFor('nano', 'mega2560');
    expect(formatPlanInShort(plan, board)).toMatch(
      /^planned: nano on Arduino Mega 2560, bare: flash .* of 248 KiB, RAM .* of 8 KiB; at most 1.6 tokens\/s, by instructions$/,
    );
  });
});
