/** Families of chips, as https://github.com/microsoft/uf2/blob/master/utils/uf2families.json lists them. */
export const UF2_FAMILY_RP2040 = 0xe48bff56;

const BLOCK_BYTES = 512;
const PAYLOAD_BYTES = 256;
const PAYLOAD_OFFSET = 32;
const FIRST_MAGIC = 0x0a324655;
const SECOND_MAGIC = 0x9e5d5157;
const LAST_MAGIC = 0x0ab16f30;
const FLAG_FAMILY_PRESENT = 0x2000;

/**
 * A program in the format that a board's USB drive takes: https://github.com/microsoft/uf2.
 *
 * @param binary the bytes of flash; the last block is filled up with zeros
 * @param address where the first byte lies, a multiple of 256
 * @param family number of the chip's family
 */
export function uf2Of(binary: Uint8Array, address: number, family: number): Uint8Array {
  const blocks = Math.ceil(binary.length / PAYLOAD_BYTES);
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const start = block * BLOCK_BYTES;
    const header = [
      FIRST_MAGIC,
      SECOND_MAGIC,
      FLAG_FAMILY_PRESENT,
      address + block * PAYLOAD_BYTES,
      PAYLOAD_BYTES,
      block,
      blocks,
      family,
    ];
    for (const [index, word] of header.entries()) {
      view.setUint32(start + 4 * index, word, true);
    }
    bytes.set(binary.subarray(block * PAYLOAD_BYTES, (block + 1) * PAYLOAD_BYTES), start + PAYLOAD_OFFSET);
    view.setUint32(start + BLOCK_BYTES - 4, LAST_MAGIC, true);
  }
  return bytes;
}

/** Whether a file is made of whole UF2 blocks. */
export function isUf2(content: Uint8Array): boolean {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length === 0 || content.length % BLOCK_BYTES !== 0) return false;
  for (let start = 0; start < content.length; start += BLOCK_BYTES) {
    const magics = [0, 4, BLOCK_BYTES - 4].map((at) => view.getUint32(start + at, true));
    if (magics.join() !== [FIRST_MAGIC, SECOND_MAGIC, LAST_MAGIC].join()) return false;
  }
  return true;
}
