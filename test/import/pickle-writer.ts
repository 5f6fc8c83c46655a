/** Pickles by hand, one character a byte: what Python's pickle writes, and what it would never write. */

export const PROTOCOL_2 = '\x80\x02';
export const STOP = '.';

export function text(value: string): string {
  const bytes = Buffer.from(value, 'utf8');
  return `X${uint32(bytes.length)}${bytes.toString('latin1')}`;
}

/** SHORT_BINUNICODE of protocol 4. */
export function shortText(value: string): string {
  return `\x8c${String.fromCharCode(value.length)}${value}`;
}

export function integer(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return `J${uint32(value >>> 0)}`;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return `\x8a\x08${bytes.toString('latin1')}`;
}

export function tuple(...items: string[]): string {
  return `(${items.join('')}t`;
}

export function dictionary(entries: Record<string, string>): string {
  return `}(${pairs(entries)}u`;
}

export function global(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

export function orderedDictionary(entries: Record<string, string>): string {
  return `${global('collections', 'OrderedDict')})R(${pairs(entries)}u`;
}

export interface WrittenTensor {
  key: string;
  /** of the storage */
  elements: number;
  shape: number[];
  strides?: number[];
  offset?: number;
  storage?: string;
}

export function tensor({ key, elements, shape, ...rest }: WrittenTensor): string {
  const { strides = contiguousStrides(shape), offset = 0, storage = 'FloatStorage' } = rest;
  const id = tuple(text('storage'), global('torch', storage), text(key), text('cpu'), integer(elements));
  return (
    `${global('torch._utils', '_rebuild_tensor_v2')}(${id}Q${integer(offset)}` +
    `${tuple(...shape.map(integer))}${tuple(...strides.map(integer))}` +
    `\x89${global('collections', 'OrderedDict')})RtR`
  );
}

export function contiguousStrides(shape: number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
}

export function pickled(body: string): Uint8Array {
  return Buffer.from(PROTOCOL_2 + body + STOP, 'latin1');
}

function pairs(entries: Record<string, string>): string {
  return Object.entries(entries)
    .map(([key, value]) => text(key) + value)
    .join('');
}

function uint32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
}
