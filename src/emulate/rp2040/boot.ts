import type { RP2040 } from 'rp2040js';
import { FlashlmError } from '../../errors.js';
import { UF2_FAMILY_RP2040 } from '../../generate/uf2.js';

/** RP2040 datasheet, 2.2: where flash and the RAM bank of the boot's second stage lie. */
const FLASH_ADDRESS = 0x10000000;
const RAM_ADDRESS = 0x20000000;
const SECOND_STAGE_ADDRESS = 0x20041f00;
const SECOND_STAGE_BYTES = 256;

/** https://github.com/microsoft/uf2: magic numbers and fields of a block. */
const BLOCK_BYTES = 512;
const FIRST_MAGIC = 0x0a324655;
const SECOND_MAGIC = 0x9e5d5157;
const LAST_MAGIC = 0x0ab16f30;
const FLAG_FAMILY_PRESENT = 0x2000;
const LARGEST_PAYLOAD = 476;

/**
 * Writes a UF2 file to flash as the chip's ROM does when the file is copied to its drive: blocks of another chip family
 * are left out.
 *
 * @throws FlashlmError emulator-failed for a file with a block that is none, or without a block for this chip
 */
export function writeUf2ToFlash(chip: RP2040, file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let written = 0;
  for (let start = 0; start + BLOCK_BYTES <= file.length; start += BLOCK_BYTES) {
    const word = (offset: number) => view.getUint32(start + offset, true);
    const magics = [word(0), word(4), word(BLOCK_BYTES - 4)];
    const isBlock = magics.join() === [FIRST_MAGIC, SECOND_MAGIC, LAST_MAGIC].join();
    const [flags, address, bytes, family] = [word(8), word(12), word(16), word(28)];
    const offset = address - FLASH_ADDRESS;
    if (!isBlock || bytes > LARGEST_PAYLOAD || offset < 0 || offset + bytes > chip.flash.length) {
      throw refusal(`block ${start / BLOCK_BYTES} of the UF2 file is damaged`);
    }
    if ((flags & FLAG_FAMILY_PRESENT) === 0 || family !== UF2_FAMILY_RP2040) continue;
    chip.flash.set(file.subarray(start + 32, start + 32 + bytes), offset);
    written += bytes;
  }
  if (written === 0) throw refusal('the UF2 file holds nothing for it');
}

/**
 * What the ROM does after power-on (RP2040 datasheet, 2.8.1.3): copies the first 256 bytes of flash to RAM, and runs
 * them if their checksum is right. The ROM itself is not emulated.
 *
 * @throws FlashlmError emulator-failed where the chip would not start from flash
 */
export function bootFromFlash(chip: RP2040): void {
  const stage = chip.flash.subarray(0, SECOND_STAGE_BYTES);
  const view = new DataView(stage.buffer, stage.byteOffset, SECOND_STAGE_BYTES);
  if (
    crc32OfRom(stage.subarray(0, SECOND_STAGE_BYTES - 4)) !== view.getUint32(SECOND_STAGE_BYTES - 4, true)
  ) {
    throw refusal("the checksum of the boot's second stage is wrong");
  }
  chip.sram.set(stage, SECOND_STAGE_ADDRESS - RAM_ADDRESS);
  chip.core.SP = SECOND_STAGE_ADDRESS;
  chip.core.LR = 0; // not called by a program
  chip.core.PC = SECOND_STAGE_ADDRESS;
}

/** The ROM's CRC-32: polynomial 0x04C11DB7, bits in order from the highest, begun with ones, not inverted at the end. */
function crc32OfRom(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

function refusal(reason: string): FlashlmError {
  return new FlashlmError(
    'emulator-failed',
    `The emulated RP2040 would not start: ${reason}.`,
    'Build it again.',
  );
}
