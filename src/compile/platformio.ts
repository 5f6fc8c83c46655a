import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { runVendorTool } from './vendor-run.js';

/** What is flashed, by chip; bootloader.bin and partitions.bin are Espressif's. */
const ARTIFACT = /^(?:firmware\.(?:bin|elf|hex|uf2)|bootloader\.bin|partitions\.bin)$/;
/** What PlatformIO says when the program is larger than the board's flash or its partition. */
const TOO_BIG = /program size \(\d+ bytes\) is greater than maximum allowed|overflowed by \d+ bytes/;

/**
 * Builds a PlatformIO project; the output goes to build.log there.
 *
 * @param environment of platformio.ini
 * @returns paths of what it made, sorted
 * @throws FlashlmError compile-failed; does-not-fit if the program is too large for its partition
 */
export async function compileWithPlatformio(directory: string, environment: string): Promise<string[]> {
  const words = ['run', '--project-dir', directory, '--environment', environment];
  await runVendorTool({ program: 'pio', words, directory, tooBig: TOO_BIG });
  const output = path.join(directory, '.pio', 'build', environment);
  const names = await readdir(output).catch(() => []);
  return names
    .filter((name) => ARTIFACT.test(name))
    .sort()
    .map((name) => path.join(output, name));
}
