import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { generateProject } from '../../src/generate/project.js';
import { IMAGES } from './models.js';
import { makeWorkspace, plainBoard } from './workspace.js';

const workspace = await makeWorkspace();

async function buildImage(port: string, toolchain: string): Promise<Buffer> {
  const directory = path.join(workspace, port);
  await generateProject({
    image: IMAGES.small,
    board: plainBoard(port, toolchain, 'host'),
    framework: 'bare',
    directory,
    toolchain: findToolchain(toolchain),
    emulatorPort: null,
  });
  await execa('make', ['-s', '-j2'], { cwd: directory });
  return readFile(path.join(directory, 'firmware.bin'));
}

/** The CRC-32 that the RP2040's ROM computes: most significant bit first, not inverted. */
function romChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    }
  }
  return crc >>> 0;
}

const hasArm = (await findProgram('arm-none-eabi-gcc')) !== null;
const hasRiscv = (await findProgram('riscv64-unknown-elf-gcc')) !== null;

describe('the flash image of the RP2040', () => {
  it.skipIf(!hasArm)('begins with 252 bytes and the checksum that its ROM asks for', async () => {
    const flash = await buildImage('pico', 'cortex-m0plus');
    expect(flash.readUInt32LE(252)).toBe(romChecksum(flash.subarray(0, 252)));
  });

  it.skipIf(!hasArm)('goes on with a stack in RAM and an entry in flash', async () => {
    const flash = await buildImage('pico', 'cortex-m0plus');
    expect(flash.readUInt32LE(256)).toBe(0x20000000 + 2 ** 17);
    const entry = flash.readUInt32LE(260);
    expect(entry & 1).toBe(1);
    expect(entry).toBeGreaterThan(0x10000100);
    expect(entry).toBeLessThan(0x10000000 + flash.length);
  });
});

describe('the flash image of the ESP32-C3', () => {
  it.skipIf(!hasRiscv)('begins with the magic of a direct boot', async () => {
    const flash = await buildImage('esp32c3', 'riscv32imc');
    expect(flash.subarray(0, 8).toString('hex')).toBe('1d04dbae1d04dbae');
  });

  it.skipIf(!hasRiscv)('holds the model where data is read', async () => {
    const flash = await buildImage('esp32c3', 'riscv32imc');
    expect(flash.indexOf(IMAGES.small)).toBeGreaterThan(8);
    const { stdout } = await execa('riscv64-unknown-elf-nm', [
      path.join(workspace, 'esp32c3', 'firmware.elf'),
    ]);
    const address = Number.parseInt(/^(\w+) \w flashlm_image$/m.exec(stdout)?.[1] ?? '', 16);
    expect(address).toBe(0x3c000000 + flash.indexOf(IMAGES.small));
  });
});
