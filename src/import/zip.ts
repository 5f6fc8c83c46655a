import yauzl from 'yauzl';
import { FlashlmError } from '../errors.js';
import { crc32 } from '../image/crc32.js';
import { quote } from '../quote.js';

/** One file of a zip. */
export interface ZipEntry {
  /** Length of its content in bytes. */
  size: number;
  /**
   * The content, checked; a view into the zip.
   * @throws FlashlmError bad-checkpoint
   */
  read(): Promise<Uint8Array>;
}

const STORED = 0;

/**
 * Lists the files of a zip that stores them uncompressed, as torch.save does. Compressed ones are refused when they are
 * read, so that no file can become larger than the zip itself.
 *
 * @param source the file's name, for messages
 * @throws FlashlmError bad-checkpoint
 */
export async function listZip(bytes: Uint8Array, source: string): Promise<Map<string, ZipEntry>> {
  const zip = await damagedUnless(
    source,
    yauzl.fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  );
  const entries = new Map<string, ZipEntry>();
  const iterator = zip.eachEntry();
  for (;;) {
    const { done, value: entry } = await damagedUnless(source, iterator.next());
    if (done === true) return entries;
    if (entries.has(entry.fileName)) throw damage(source, `it holds ${quote(entry.fileName)} twice`);
    entries.set(entry.fileName, {
      size: entry.uncompressedSize,
      read: () => readStored(bytes, zip, entry, source),
    });
  }
}

async function readStored(
  bytes: Uint8Array,
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  source: string,
): Promise<Uint8Array> {
  const { fileName, compressedSize, uncompressedSize, compressionMethod } = entry;
  if (compressionMethod !== STORED || entry.isEncrypted()) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${source} holds ${quote(fileName)} compressed or encrypted, which torch.save never does.`,
      'Save the model again with torch.save.',
    );
  }
  const { fileDataStart } = await damagedUnless(
    source,
    zip.readLocalFileHeaderPromise(entry, { minimal: true }),
  );
  if (compressedSize !== uncompressedSize || fileDataStart + compressedSize > bytes.length) {
    throw damage(source, `${quote(fileName)} reaches beyond its end`);
  }
  const content = bytes.subarray(fileDataStart, fileDataStart + compressedSize);
  if (crc32(content) !== entry.crc32) throw damage(source, `the CRC of ${quote(fileName)} is wrong`);
  return content;
}

async function damagedUnless<T>(source: string, promise: Promise<T>): Promise<T> {
  return promise.catch((cause) => {
    throw damage(
      source,
      `unzipping says ${quote(cause instanceof Error ? cause.message : String(cause))}`,
      cause,
    );
  });
}

function damage(source: string, what: string, cause?: unknown): FlashlmError {
  return new FlashlmError(
    'bad-checkpoint',
    `${source} is a damaged zip: ${what}.`,
    'Copy or download it again.',
    { cause },
  );
}
