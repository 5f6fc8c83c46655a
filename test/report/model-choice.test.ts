import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { parseHeader } from '../../src/image/header.js';
import { checkFit } from '../../src/report/fit.js';
import { chooseModel } from '../../src/report/model-choice.js';

describe('the model for a board', () => {
  it.each([
    ['esp32c3', 'bare', 'mcu'],
    ['pico', 'arduino', 'mcu'],
    ['host', 'bare', 'mcu'],
    ['mega2560', 'arduino', 'nano'],
    ['uno-r4', 'bare', 'nano'],
    ['blackpill-f411', 'arduino', 'nano'],
    ['nano33ble', 'arduino', 'nano'],
  ] as const)('%s, %s, is %s unless one is named, and it fits', async (id, framework, expected) => {
    const board = await findBoard(id);
    const { image, reason } = await chooseModel(undefined, board, framework);
    expect(parseHeader(image).name).toBe(expected);
    expect(checkFit(image, board, framework).fits).toBe(true);
    expect(reason === null).toBe(expected === 'mcu');
  });

  it('is the largest that fits, and the reason says what the default lacks', async () => {
    const mega = await findBoard('mega2560');
    const { reason } = await chooseModel(undefined, mega, 'arduino');
    expect(reason).toMatch(
      /^model: nano, the largest that ships and fits Arduino Mega 2560 \(arduino\); the default, mcu, lacks [\d,]+ bytes of flash and [\d,]+ bytes of RAM$/,
    );
    const roomy = { ...mega, memory: { ...mega.memory, flashBytes: 2 ** 24, ramBytes: 40_000 } };
    const image = (await chooseModel('v4', roomy, 'bare')).image;
    const noMemory = {
      ...roomy,
      memory: { ...roomy.memory, ramBytes: checkFit(image, roomy, 'bare').ram.used },
    };
    expect(checkFit((await chooseModel('mcu', noMemory, 'bare')).image, noMemory, 'bare').fits).toBe(false);
    expect(parseHeader((await chooseModel(undefined, noMemory, 'bare')).image).name).toBe('v4');
  });

  it('is the smallest where none fits', async () => {
    const { image, reason } = await chooseModel(undefined, await findBoard('uno-r4'), 'arduino');
    expect(parseHeader(image).name).toBe('nano');
    expect(reason).toContain('none fits Arduino Uno R4 Minima (arduino)');
  });

  it('is the one that was named, whether it fits or not', async () => {
    const { image, reason } = await chooseModel('v4', await findBoard('mega2560'), 'bare');
    expect(parseHeader(image).name).toBe('v4');
    expect(reason).toBeNull();
  });
});
