import { crc32 } from '../../src/image/crc32.js';

export interface WrittenEntry {
  name: string;
  content: Uint8Array;
  /** What the headers claim, where it is not the truth. */
  claimed?: { size?: number; crc?: number; method?: number; flags?: number };
}

/** A zip whose entries are stored, as torch.save writes it (APPNOTE.TXT of PKWARE, 4.3). */
export function zip(entries: WrittenEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claimed = {} } of entries) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(claimed.flags ?? 0, 2);
    fields.writeUInt16LE(claimed.method ?? 0, 4);
    fields.writeUInt32LE(claimed.crc ?? crc32(content), 10);
    fields.writeUInt32LE(claimed.size ?? content.length, 14);
    fields.writeUInt32LE(claimed.size ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
