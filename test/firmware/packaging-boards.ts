import type { Board, Framework } from '../../src/boards/board.js';
import { coresFor } from '../../src/boards/cores.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { generateProject } from '../../src/generate/project.js';
import { IMAGES } from './models.js';
import { plainBoard } from './workspace.js';

/** A board that every packaging is made for. */
export const PACKAGED_BOARD: Board = {
  ...plainBoard('esp32', 'xtensa-lx106', 'qemu-xtensa-sim'),
  id: 'esp32',
  secondCore: { source: 'https://example.com/two-cores.pdf' },
  frameworks: ['arduino', 'arduino-library', 'platformio', 'esp-idf'],
  defaultFramework: 'arduino',
  arduino: {
    fqbn: 'esp32:esp32:esp32',
    platform: 'esp32:esp32',
    platformVersion: '3.0.7',
    indexUrl: 'https://example.com/package_index.json',
    partitions: [
      { name: 'nvs', type: 'data', subType: 'nvs', offset: 0x9000, bytes: 0x5000 },
      { name: 'otadata', type: 'data', subType: 'ota', offset: 0xe000, bytes: 0x2000 },
      { name: 'app0', type: 'app', subType: 'ota_0', offset: 0x10000, bytes: 0x300000 },
    ],
  },
  platformio: {
    platform: 'espressif32 @ ^6.9.0',
    board: 'esp32dev',
    options: { 'board_build.f_cpu': '240000000L', build_flags: '-DONE -DTWO' },
  },
  espIdf: {
    target: 'esp32',
    bootloaderOffset: 0x1000,
    partitions: [
      { name: 'nvs', type: 'data', subType: 'nvs', offset: 0x9000, bytes: 0x6000 },
      { name: 'factory', type: 'app', subType: 'factory', offset: 0x10000, bytes: 0x100000 },
      { name: 'model', type: 'data', subType: 'undefined', offset: 0x110000, bytes: 0x2f0000 },
    ],
  },
};

/** Generates a project of a framework; its absolute path. */
export async function packageAs(
  framework: Framework,
  directory: string,
  board: Board = PACKAGED_BOARD,
  image: Uint8Array = IMAGES.wide,
): Promise<string> {
  const project = await generateProject({
    ...{ image, board, framework, directory },
    toolchain: findToolchain(board.toolchain),
    cores: coresFor(board),
    emulatorPort: null,
  });
  return project.directory;
}
