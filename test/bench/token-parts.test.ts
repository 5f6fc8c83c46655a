import { describe, expect, it } from 'vitest';
import { measureTokenParts, type TokenPart } from '../../src/bench/token-parts.js';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import { IMAGES } from '../firmware/models.js';

const sum = (parts: TokenPart[]) => parts.reduce((total, { instructions }) => total + instructions, 0);

describe('the parts of a token', () => {
  it.each(['esp32c3', 'pico', 'esp32'])('add up to the whole on %s, by part and by function', async (id) => {
    const board = await findBoard(id);
    const firmware = await emulatorFirmware(IMAGES.memoryAndClusters, board);
    const measured = await measureTokenParts(firmware, board.toolchain);
    expect(measured.instructions).toBe((await measureTokenCost(firmware)).instructions);
    // The counter counts a block when it is entered, so the one that holds the mark belongs to the step before or after.
    expect(Math.abs(sum(measured.parts) - measured.instructions)).toBeLessThan(20);
    expect(Math.abs(sum(measured.functions) - measured.instructions)).toBeLessThan(40);
    const names = measured.parts.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ternary products', 'output head', 'memory', 'sampler']));
    const product = measured.functions.find(({ name }) => name === 'flashlm_ternary_product');
    expect(product?.instructions).toBeGreaterThan(0);
  });

  it('are unknown on this computer itself', async () => {
    const board = await findBoard('host');
    const firmware = await emulatorFirmware(IMAGES.small, board);
    await expect(measureTokenParts(firmware, board.toolchain)).rejects.toMatchObject({
      code: 'missing-tool',
    });
  });
});
