/*
 * node scripts/make-kernels.mjs > src/products/kernels-module.ts
 *
 * Assembles src/products/kernels.wat, so that nobody who installs the package needs an assembler.
 */
import { readFile } from 'node:fs/promises';
import loadWabt from 'wabt';

const wabt = await loadWabt();
const text = await readFile(new URL('../src/products/kernels.wat', import.meta.url), 'utf8');
const { buffer } = wabt.parseWat('kernels.wat', text, { simd: true }).toBinary({});
const lines = Buffer.from(buffer)
  .toString('base64')
  .match(/.{1,100}/g);
console.log(`/** WebAssembly of kernels.wat as base64, written by scripts/make-kernels.mjs. */
export const KERNELS_BASE64 =
${lines.map((line) => `  '${line}'`).join(' +\n')};`);
