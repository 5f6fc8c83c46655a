import { describe, expect, it } from 'vitest';
import { UF2_FAMILY_RP2040, uf2Of } from '../../src/generate/uf2.js';

describe('uf2Of', () => {
  const binary = Uint8Array.from({ length: 600 }, (_, i) => i & 0xff);
  const bytes = uf2Of(binary, 0x10000000, UF2_FAMILY_RP2040);
  const view = new DataView(bytes.buffer);

  it('makes a block of 512 bytes for every 256', () => {
    expect(bytes.length).toBe(3 * 512);
  });

  it.each([0, 1, 2])('writes the header of block %i', (block) => {
    const words = Array.from({ length: 8 }, (_, i) => view.getUint32(512 * block + 4 * i, true));
    expect(words).toEqual([
      0x0a324655,
      0x9e5d5157,
      0x2000,
      0x10000000 + 256 * block,
      256,
      block,
      3,
      UF2_FAMILY_RP2040,
    ]);
    expect(view.getUint32(512 * block + 508, true)).toBe(0x0ab16f30);
  });

  it('carries the bytes in order and fills up the last block with zeros', () => {
    const payload = [0, 1, 2].flatMap((block) => [
      ...bytes.subarray(512 * block + 32, 512 * block + 32 + 256),
    ]);
    expect(payload.slice(0, 600)).toEqual([...binary]);
    expect(payload.slice(600)).toEqual(new Array(168).fill(0));
  });
});
