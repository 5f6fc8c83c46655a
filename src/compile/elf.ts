import { FlashlmError } from '../errors.js';

/** What this project needs to know of an ELF file; see the ELF specification (gabi), sections 4 and 5. */
export interface ElfFile {
  sections: ElfSection[];
  /** Address of each symbol. */
  symbols: Map<string, number>;
}

export interface ElfSection {
  name: string;
  bytes: number;
  /** Occupies memory on the chip (SHF_ALLOC). */
  allocated: boolean;
  /** Can be written (SHF_WRITE): lies in RAM. */
  writable: boolean;
  /** Has content in the file; false for zero-initialised memory (SHT_NOBITS). */
  stored: boolean;
}

const TYPE_SYMBOLS = 2;
const TYPE_NO_BITS = 8;
const FLAG_WRITE = 1;
const FLAG_ALLOC = 2;

/**
 * Reads sections and symbols of a little-endian ELF file of 32 or 64 bits.
 * @throws FlashlmError compile-failed if it is none
 */
export function readElf(bytes: Uint8Array): ElfFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 52 || view.getUint32(0) !== 0x7f454c46 || bytes[5] !== 1) {
    throw new FlashlmError('compile-failed', 'The linker left no little-endian ELF file.', 'See build.log.');
  }
  const wide = bytes[4] === 2;
  const word = (offset: number) =>
    wide ? Number(view.getBigUint64(offset, true)) : view.getUint32(offset, true);
  const tableOffset = word(wide ? 0x28 : 0x20);
  const entrySize = view.getUint16(wide ? 0x3a : 0x2e, true);
  const count = view.getUint16(wide ? 0x3c : 0x30, true);
  const namesIndex = view.getUint16(wide ? 0x3e : 0x32, true);
  const headers = Array.from({ length: count }, (_, index) => {
    const start = tableOffset + index * entrySize;
    return {
      nameOffset: view.getUint32(start, true),
      type: view.getUint32(start + 4, true),
      flags: word(start + 8),
      offset: word(start + (wide ? 0x18 : 0x10)),
      bytes: word(start + (wide ? 0x20 : 0x14)),
      link: view.getUint32(start + (wide ? 0x28 : 0x18), true),
    };
  });
  const textAt = (offset: number) => {
    const end = bytes.indexOf(0, offset);
    return Buffer.from(bytes.subarray(offset, end)).toString('latin1');
  };

  const symbols = new Map<string, number>();
  for (const table of headers.filter(({ type }) => type === TYPE_SYMBOLS)) {
    const names = headers[table.link].offset;
    for (let entry = table.offset; entry < table.offset + table.bytes; entry += wide ? 24 : 16) {
      symbols.set(textAt(names + view.getUint32(entry, true)), word(entry + (wide ? 8 : 4)));
    }
  }
  return {
    sections: headers.map(({ nameOffset, type, flags, bytes: size }) => ({
      name: textAt(headers[namesIndex].offset + nameOffset),
      bytes: size,
      allocated: (flags & FLAG_ALLOC) !== 0,
      writable: (flags & FLAG_WRITE) !== 0,
      stored: type !== TYPE_NO_BITS,
    })),
    symbols,
  };
}
