import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { parameterCount, ternaryParameterCount } from '../../src/model/config.js';
import { PRESETS } from '../../src/model/presets.js';
import { fitShape } from '../../src/report/board-fit.js';
import { imageBytesOf } from '../../src/report/image-size.js';
import { variableBytesOf } from '../../src/report/ram.js';

it('v4 is FlashLM v4, as its author counts it', () => {
  expect(parameterCount(PRESETS.v4)).toBe(4_364_736);
  expect(ternaryParameterCount(PRESETS.v4)).toBe(2_433_024);
});

describe('mcu', () => {
  it('has at most 4.4 million parameters, 1.6 MB of image and 64 KB of variables', () => {
    expect(parameterCount(PRESETS.mcu)).toBeLessThanOrEqual(4_400_000);
    expect(imageBytesOf(PRESETS.mcu)).toBeLessThanOrEqual(1_600_000);
    expect(variableBytesOf(PRESETS.mcu)).toBeLessThanOrEqual(64_000);
  });

  it.each(['pico', 'esp32c3', 'esp32'])('fits %s as it is usually programmed', async (id) => {
    const board = await findBoard(id);
    const imageBytes = imageBytesOf(PRESETS.mcu);
    expect(fitShape({ shape: PRESETS.mcu, imageBytes, board, framework: board.defaultFramework }).fits).toBe(
      true,
    );
  });
});

it('nano has at most 0.6 million parameters and 256 KB of image', () => {
  expect(parameterCount(PRESETS.nano)).toBeLessThanOrEqual(600_000);
  expect(imageBytesOf(PRESETS.nano)).toBeLessThan(256 * 1024);
});
