import { describe, expect, it } from 'vitest';
import type { Board } from '../../src/boards/board.js';
import { findBoard } from '../../src/boards/load.js';
import { EXIT_DOES_NOT_FIT, FlashlmError } from '../../src/errors.js';
import { PRESETS, type PresetName } from '../../src/model/presets.js';
import { availableFlash, checkFit, requireFit } from '../../src/report/fit.js';
import { imageWithPieces } from './image.js';

const pico = await findBoard('pico');
const esp32c3 = await findBoard('esp32c3');
const esp8266 = await findBoard('esp8266');
const unoR4 = await findBoard('uno-r4');
const v4 = imageWithPieces(PRESETS.v4, 6);
const nano = imageWithPieces(PRESETS.nano, 4);

function withMemory(board: Board, memory: Partial<Board['memory']>): Board {
  return { ...board, memory: { ...board.memory, ...memory } };
}

function failure(image: Uint8Array, board: Board, framework: 'bare' | 'arduino'): FlashlmError {
  try {
    requireFit(image, board, framework);
  } catch (error) {
    if (error instanceof FlashlmError) return error;
    throw error;
  }
  throw new Error('it fits');
}

describe('checkFit', () => {
  it('adds image and allowance, and takes what a program may have', () => {
    const fit = checkFit(nano, pico, 'bare');
    expect(fit).toMatchObject({ board: 'pico', framework: 'bare', fits: true });
    expect(fit.flash).toEqual({
      model: nano.length,
      allowance: 18 * 1024,
      used: nano.length + 18 * 1024,
      available: 2097152,
      missing: 0,
    });
    expect(fit.ram.used).toBe(fit.ram.model + 704);
    expect(fit.ram.available).toBe(270336);
  });

  it('fits to the byte, and not a byte more', () => {
    const { used } = checkFit(nano, pico, 'bare').flash;
    expect(checkFit(nano, withMemory(pico, { flashBytes: used }), 'bare').fits).toBe(true);
    expect(checkFit(nano, withMemory(pico, { flashBytes: used - 1 }), 'bare').flash.missing).toBe(1);
  });

  it('sets more aside for Arduino, and most on chips with a radio', () => {
    expect(checkFit(nano, pico, 'arduino').flash.allowance).toBe(128 * 1024);
    expect(checkFit(nano, esp32c3, 'arduino').flash.allowance).toBe(600 * 1024);
    expect(checkFit(nano, unoR4, 'arduino').flash.allowance).toBe(80 * 1024);
  });

  it('has room for nano on an Uno R4 without Arduino, and not with it', () => {
    expect(checkFit(nano, unoR4, 'bare').fits).toBe(true);
    expect(checkFit(nano, unoR4, 'arduino').fits).toBe(false);
  });
});

describe('availableFlash', () => {
  it('is the app partition for Arduino, and the whole flash otherwise', () => {
    expect(availableFlash(esp32c3, 'arduino', 0)).toBe(3145728);
    expect(availableFlash(esp32c3, 'bare', 0)).toBe(4194304);
    expect(availableFlash(pico, 'arduino', 0)).toBe(2097152);
  });
});

describe('requireFit', () => {
  it('returns the numbers of what fits', () => {
    expect(requireFit(nano, pico, 'bare')).toEqual(checkFit(nano, pico, 'bare'));
  });

  it('says how many bytes are missing', () => {
    const error = failure(v4, pico, 'bare');
    expect(error).toMatchObject({ code: 'does-not-fit', exitCode: EXIT_DOES_NOT_FIT });
    const missing = v4.length + 18 * 1024 - 2097152;
    expect(error.what).toContain('Raspberry Pi Pico');
    expect(error.what).toContain(`${missing.toLocaleString('en-US')} bytes of flash`);
  });

  it('says why a board has less flash than is printed on it, where that decides', () => {
    const available = 288 * 1024 + 2_072_576; // the program's allowance, and the region for a model
    expect(failure(v4, esp8266, 'arduino').what).toContain(
      `more than the ${available.toLocaleString('en-US')} there are`,
    );
    expect(failure(v4, esp8266, 'arduino').what).toContain('the model may lie in the last two');
    const roomy = withMemory(esp8266, { flashBytes: 2 ** 24, ramBytes: 1000 });
    expect(failure(v4, roomy, 'arduino').what).not.toContain('the model may lie');
  });

  it('lets a model lie in a region of its own, but only where it does not fit beside the program', () => {
    const half = withMemory(esp8266, { flashBytes: nano.length + 288 * 1024 });
    expect(checkFit(nano, half, 'arduino').flash.available).toBe(half.memory.flashBytes);
    const less = withMemory(esp8266, { flashBytes: half.memory.flashBytes - 1 });
    expect(checkFit(nano, less, 'arduino').flash).toMatchObject({
      available: 288 * 1024 + 2_072_576,
      missing: 0,
    });
    const { paged: _, ...memory } = less.memory;
    expect(checkFit(nano, { ...less, memory }, 'arduino').flash.missing).toBe(1);
  });

  it('proposes a preset and a vocabulary that really fit, and are not too modest', () => {
    const { action } = failure(v4, pico, 'bare');
    const preset = /the preset ([\w-]+)/.exec(action)?.[1] as PresetName;
    expect(preset).toBe('mcu');
    expect(checkFit(imageWithPieces(PRESETS[preset], 6), pico, 'bare').fits).toBe(true);

    const vocabulary = Number(/a vocabulary of (\d+)/.exec(action)?.[1]);
    const resized = (entries: number) => imageWithPieces({ ...PRESETS.v4, vocabulary: entries }, 7);
    expect(checkFit(resized(vocabulary), pico, 'bare').fits).toBe(true);
    expect(checkFit(resized(vocabulary + 512), pico, 'bare').fits).toBe(false);
  });

  it('proposes a width that really fits, and no less than it must', () => {
    const { action } = failure(v4, pico, 'bare');
    const [, dimension, hidden] =
      /a dimension of (\d+) and a feed-forward of (\d+)/.exec(action)?.map(Number) ?? [];
    const narrowed = (by: number, feedForward: number) =>
      imageWithPieces({ ...PRESETS.v4, dimension: by, hidden: feedForward }, 7);
    expect(checkFit(narrowed(dimension, hidden), pico, 'bare').fits).toBe(true);
    expect(checkFit(narrowed(dimension + 16, hidden + 48), pico, 'bare').fits).toBe(false);
  });

  it('proposes another framework where that is enough', () => {
    const tight = withMemory(pico, { flashBytes: v4.length + 64 * 1024 });
    expect(failure(v4, tight, 'arduino').action).toContain('this model with --framework bare');
  });

  it('names RAM where that is short, which a smaller vocabulary does not help', () => {
    const error = failure(v4, withMemory(esp32c3, { ramBytes: 20_000 }), 'bare');
    expect(error.what).toMatch(/bytes of RAM more than the 20,000/);
    expect(error.what).not.toContain('bytes of flash more');
    expect(error.action).toMatch(
      /^What fits: the preset nano, or this shape with a dimension of \d+ and a feed-forward of \d+\.$/,
    );
  });

  it('says so where nothing fits', () => {
    expect(failure(nano, withMemory(pico, { flashBytes: 40_000 }), 'bare').action).toContain('more memory');
  });
});
