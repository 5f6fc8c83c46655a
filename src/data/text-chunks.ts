import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FlashlmError } from '../errors.js';
import type { StoryFile } from './story-files.js';

/** Called with the bytes of a file as they come from the disk, before decompression. */
export type OnBytes = (bytes: Uint8Array) => void;

const CHUNK_BYTES = 1 << 20;
/** A character's bytes that may lie in the chunk before. */
const LONGEST_TAIL = 3;

/**
 * The text of a file, piece by piece, with \n line ends.
 *
 * Decodes UTF-8 strictly: a wrong file named by mistake must not be trained on.
 * @throws FlashlmError bad-stories, naming the file and the place of the first byte that is no text
 */
export async function* textChunks(file: StoryFile, onBytes?: OnBytes): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let offset = 0;
  let tail = new Uint8Array(0);
  let heldBack = '';
  for await (const chunk of bytesOf(file, onBytes)) {
    if (chunk.includes(0)) throw notText(file, offset + chunk.indexOf(0));
    let text: string;
    try {
      text = heldBack + decoder.decode(chunk, { stream: true });
    } catch {
      const joined = Buffer.concat([tail, chunk]);
      throw notText(file, offset - tail.length + firstWrongByte(joined));
    }
    offset += chunk.length;
    tail = Uint8Array.from(chunk.subarray(-LONGEST_TAIL));
    // A carriage return at the end may belong to a line end that goes on in the next chunk.
    heldBack = text.endsWith('\r') ? '\r' : '';
    yield text.slice(0, text.length - heldBack.length).replaceAll('\r\n', '\n');
  }
  try {
    yield heldBack + decoder.decode();
  } catch {
    throw notText(file, offset);
  }
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

/** Index of the first byte that belongs to no character; the bytes may begin within one. */
function firstWrongByte(bytes: Uint8Array): number {
  let start = 0;
  while (start < LONGEST_TAIL && (bytes[start] & 0xc0) === 0x80) start++;
  const isText = (end: number, stream: boolean) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end), { stream });
      return true;
    } catch {
      return false;
    }
  };
  let good = start;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isText(middle, true)) good = middle;
    else bad = middle;
  }
  while (!isText(good, false)) good--; // to the beginning of the character that does not go on
  return good;
}

function notText(file: StoryFile, offset: number): FlashlmError {
  return new FlashlmError(
    'bad-stories',
    `${file.path} is not a text file: byte ${offset} is no UTF-8 text.`,
    'Give UTF-8 text, a line <|endoftext|> after each story.',
  );
}
