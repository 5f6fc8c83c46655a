import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';

async function readTable(name: string): Promise<number[]> {
  const source = await readFile(path.join(PACKAGE_ROOT, 'firmware', 'core', 'tables.c'), 'utf8');
  const body = new RegExp(`${name}\\[[^\\]]*\\] = \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
  return body
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
}

describe('the committed tables', () => {
  it('hold the sigmoid in steps of 1/16', async () => {
    const expected = Array.from({ length: 257 }, (_, i) => Math.round(32768 / (1 + Math.exp(-i / 16))));
    expect(await readTable('flashlm_sigmoid_table')).toEqual(expected);
  });

  it('hold the logarithm in steps of 1/256', async () => {
    const expected = Array.from({ length: 257 }, (_, i) => Math.round(65536 * Math.log(1 + i / 256)));
    expect(await readTable('flashlm_logarithm_table')).toEqual(expected);
  });

  it('hold the exponential in steps of 1/16', async () => {
    const expected = Array.from({ length: 257 }, (_, i) => Math.round(65535 * Math.exp(-i / 16)));
    expect(await readTable('flashlm_exponential_table')).toEqual(expected);
  });
});
