import type { PickleKey } from './pickle-values.js';

/** Thrown within the interpreter; `unpickle` turns it into a FlashlmError. */
export class PickleDamage extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a pickle, read from front to back; every read is checked against the end. */
export class PickleReader {
  private position = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  uint64(): number {
    const value = this.view.getBigUint64(this.advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new PickleDamage('claims a length beyond its end');
    return Number(value);
  }

  /** The only big-endian number of the format. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** A copy, so that a value does not keep the whole file alive. */
  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.slice(start, start + length);
  }

  text(length: number): string {
    return this.decode(this.take(length));
  }

  /** Up to the next line feed, without it. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new PickleDamage('ends within a line');
    const text = this.decode(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }

  /** A little-endian two's complement number, as a number where it is exact. */
  signedInteger(length: number): PickleKey & (number | bigint) {
    // Longer ones occur in no state_dict, and their cost grows with the square of their length.
    if (length > 16) throw new PickleDamage(`holds a number of ${length} bytes`);
    let value = 0n;
    for (const [index, byte] of this.take(length).entries()) value |= BigInt(byte) << BigInt(8 * index);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  private decode(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      throw new PickleDamage('holds a text that is not UTF-8');
    }
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) throw new PickleDamage('is cut off');
    this.position += length;
    return start;
  }
}
