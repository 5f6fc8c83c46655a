import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FlashlmError } from '../errors.js';
import type { StoryFile } from './story-files.js';

/** Called with the bytes of a file as they come from the disk, before decompression. */
export type OnBytes = (bytes: Uint8Array) => void;

const CHUNK_BYTES = 1 << 20;
const LONGEST_CHARACTER = 4;
const BYTE_ORDER_MARK = '\ufeff';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a file, piece by piece, with \n line ends and without a byte-order mark.
 *
 * Decodes UTF-8 strictly: a wrong file named by mistake must not be trained on.
 * @throws FlashlmError bad-stories, naming the file and the place of the first byte that is no text
 */
export async function* textChunks(file: StoryFile, onBytes?: OnBytes): AsyncGenerator<string> {
  /** Bytes of the file before `block`. */
  let offset = 0;
  let unfinished: Uint8Array = new Uint8Array(0);
  let heldBack = '';
  for await (const chunk of bytesOf(file, onBytes)) {
    const block = unfinished.length === 0 ? chunk : Buffer.concat([unfinished, chunk]);
    const end = endOfWholeCharacters(block);
    let text = heldBack + decode(block.subarray(0, end), file, offset);
    if (offset === 0 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    unfinished = block.subarray(end);
    offset += end;
    // A carriage return at the end may belong to a line end that goes on in the next chunk.
    heldBack = text.endsWith('\r') ? '\r' : '';
    yield text.slice(0, text.length - heldBack.length).replaceAll('\r\n', '\n');
  }
  if (unfinished.length > 0) throw notText(file, offset);
  yield heldBack;
}

async function* bytesOf(file: StoryFile, onBytes?: OnBytes): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
  if (onBytes !== undefined) source.on('data', (chunk) => onBytes(chunk as Buffer));
  try {
    if (!file.compressed) {
      for await (const chunk of source) yield chunk as Buffer;
      return;
    }
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const flow = pipeline(source, gunzip);
    flow.catch(() => undefined); // its error also comes out of gunzip
    for await (const chunk of gunzip) yield chunk as Buffer;
    await flow;
  } catch (cause) {
    if (cause instanceof FlashlmError) throw cause;
    throw new FlashlmError(
      'bad-stories',
      `${file.path} cannot be read: ${(cause as Error).message}.`,
      'Mend that, or give other files.',
      { cause },
    );
  }
}

function decode(bytes: Uint8Array, file: StoryFile, offset: number): string {
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw notText(file, offset + zero);
  try {
    return decoder.decode(bytes);
  } catch {
    throw notText(file, offset + firstWrongByte(bytes));
  }
}

/** How many of the bytes are left when an unfinished last character is cut off. */
function endOfWholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    const continues = (byte & 0xc0) === 0x80;
    if (continues) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Where the first character begins that is none; there is one. */
function firstWrongByte(bytes: Uint8Array): number {
  const isText = (end: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isText(middle)) good = middle;
    else bad = middle;
  }
  return endOfWholeCharacters(bytes.subarray(0, good));
}

function notText(file: StoryFile, offset: number): FlashlmError {
  const place = file.compressed ? `byte ${offset} of what it unpacks to` : `byte ${offset}`;
  return new FlashlmError(
    'bad-stories',
    `${file.path} is not a text file: ${place} is no UTF-8 text.`,
    'Give UTF-8 text, a line <|endoftext|> after each story.',
  );
}
