import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import prettyBytes from 'pretty-bytes';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';

export interface DownloadRequest {
  url: string;
  /** Where the file goes; until it is whole, NAME.part and NAME.part.json lie beside it. */
  file: string;
  /** Milliseconds before the first new try after a dropped connection; doubles each time. */
  pause?: number;
  /** @param total null where the server does not say */
  onProgress?: (bytes: number, total: number | null) => void;
}

export interface Download {
  file: string;
  bytes: number;
  sha256: string;
  /** Whether the server named a SHA-256, and it was that. */
  verified: boolean;
  /** Bytes that lay there from an earlier call. */
  resumedFrom: number;
}

const TRIES = 5;
const FIRST_PAUSE = 1000;
const MOST_REDIRECTS = 5;
const SHA256 = /^[0-9a-f]{64}$/;

/** What a server says of a file. */
interface Offer {
  response: Response;
  /** Tells one version of the file from another; null where the server has none. */
  etag: string | null;
  /** Of the whole file; null where the server does not say. */
  total: number | null;
  /**
   * Hugging Face names the SHA-256 of a large file in the header x-linked-etag of the redirection to it; null elsewhere.
   */
  sha256: string | null;
}

/**
 * Downloads a file, going on where an earlier call was cut off as long as the server still has the same version.
 *
 * @throws FlashlmError download-failed where the server cannot be reached, has no such file, or sends another than it
 *   promised; write-failed where the disk is too small. What was loaded stays for the next call, but for a wrong file.
 */
export async function download(request: DownloadRequest): Promise<Download> {
  const { file, url } = request;
  const part = `${file}.part`;
  const there = await stat(file).catch(() => null);
  await mkdir(path.dirname(file), { recursive: true }).catch((cause) => {
    throw writeFailed(path.dirname(file), cause);
  });
  const resumedFrom = there === null ? ((await stat(part).catch(() => null))?.size ?? 0) : there.size;
  let pause = request.pause ?? FIRST_PAUSE;
  for (let attempt = 1; ; attempt++) {
    const before = (await stat(part).catch(() => null))?.size ?? 0;
    try {
      if (there !== null) return await checkPresent(request, there.size);
      const offer = await loadOnce(request, part);
      return await finish(request, part, offer, resumedFrom);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      const after = (await stat(part).catch(() => null))?.size ?? 0;
      if (after > before) attempt = 1; // it is slow, but it comes
      if (attempt >= TRIES) {
        throw new FlashlmError(
          'download-failed',
          `${url} cannot be loaded: ${error.reason}.`,
          after > 0
            ? `Run the command again to go on from ${prettyBytes(after)}.`
            : 'Check the connection to the internet, or name another server with --mirror.',
          { cause: error },
        );
      }
      await setTimeout(pause);
      pause *= 2;
    }
  }
}

/** The connection could not be made or broke off: worth another try. */
class ConnectionLost extends Error {
  readonly reason: string;

  constructor(cause: unknown) {
    super('connection lost', { cause });
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    this.reason = inner instanceof Error ? inner.message : String(inner);
  }
}

/** A file that is there already is compared with what the server has, as far as it says. */
async function checkPresent({ url, file }: DownloadRequest, bytes: number): Promise<Download> {
  const { response, total, sha256 } = await ask(url, {});
  await response.body?.cancel();
  const own = await checksumOf(file);
  if ((sha256 !== null && sha256 !== own) || (total !== null && total !== bytes)) {
    throw new FlashlmError(
      'download-failed',
      `${file} is there, but is not what ${url} has.`,
      'Move it away to load the other one.',
    );
  }
  return { file, bytes, sha256: own, verified: sha256 !== null, resumedFrom: bytes };
}

/** Loads what is missing of the part. @throws ConnectionLost */
async function loadOnce({ url, onProgress }: DownloadRequest, part: string): Promise<Offer> {
  const start = await resumableBytes(part);
  const etag = start === 0 ? null : await etagOf(part);
  const headers = start > 0 && etag !== null ? { range: `bytes=${start}-`, 'if-range': etag } : {};
  const offer = await ask(url, headers);
  const goesOn = offer.response.status === 206;
  const first = goesOn ? start : 0;
  await requireSpace(part, offer.total === null ? 0 : offer.total - first);
  await writeFileAtomically(`${part}.json`, JSON.stringify({ etag: offer.etag }));
  const handle = await open(part, goesOn ? 'a' : 'w').catch((cause) => {
    throw writeFailed(part, cause);
  });
  let bytes = first;
  try {
    for await (const chunk of chunksOf(offer.response)) {
      await handle.write(chunk).catch((cause) => {
        throw writeFailed(part, cause);
      });
      bytes += chunk.length;
      onProgress?.(bytes, offer.total);
    }
  } finally {
    await handle.close();
  }
  if (offer.total !== null && bytes < offer.total) {
    throw new ConnectionLost(new Error(`the server broke off at ${prettyBytes(bytes)}`));
  }
  return offer;
}

/** Checks the whole part and gives it its name. */
async function finish(
  { url, file }: DownloadRequest,
  part: string,
  { sha256, total }: Offer,
  resumedFrom: number,
): Promise<Download> {
  const own = await checksumOf(part);
  const { size } = await stat(part);
  if ((sha256 !== null && sha256 !== own) || (total !== null && total !== size)) {
    await rm(part, { force: true });
    await rm(`${part}.json`, { force: true });
    throw new FlashlmError(
      'download-failed',
      `What came from ${url} is not what the server promised (its checksum or length differs).`,
      'It was deleted; run the command again.',
    );
  }
  await rename(part, file);
  await rm(`${part}.json`, { force: true });
  return { file, bytes: size, sha256: own, verified: sha256 !== null, resumedFrom };
}

/** Asks for a file and follows redirections. @throws ConnectionLost, FlashlmError download-failed */
async function ask(url: string, headers: Record<string, string>): Promise<Offer> {
  let sha256: string | null = null;
  let location = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await fetch(location, { headers, redirect: 'manual' }).catch((cause) => {
      throw new ConnectionLost(cause);
    });
    const linked = response.headers.get('x-linked-etag')?.replaceAll('"', '') ?? '';
    if (SHA256.test(linked)) sha256 = linked;
    const next = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && next !== null) {
      await response.body?.cancel();
      location = new URL(next, location).href;
      continue;
    }
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel();
      throw new ConnectionLost(new Error(`the server answers ${response.status}`));
    }
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel();
      throw new FlashlmError(
        'download-failed',
        `${url} cannot be loaded: the server answers ${response.status} ${response.statusText}.`.trim(),
        'Check the address, or name another server with --mirror.',
      );
    }
    return { response, etag: response.headers.get('etag'), total: totalOf(response), sha256 };
  }
  throw new FlashlmError('download-failed', `${url} leads in circles.`, 'Name another server with --mirror.');
}

/** Bytes of the whole file. */
function totalOf(response: Response): number | null {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const length = range?.[1] ?? (response.status === 200 ? response.headers.get('content-length') : null);
  return length === null ? null : Number(length);
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    for await (const chunk of response.body) yield chunk as Uint8Array;
  } catch (cause) {
    if (cause instanceof FlashlmError) throw cause;
    throw new ConnectionLost(cause);
  }
}

/** Bytes of a part that can be gone on with. */
async function resumableBytes(part: string): Promise<number> {
  return (await stat(part).catch(() => null))?.size ?? 0;
}

async function etagOf(part: string): Promise<string | null> {
  const text = await readFile(`${part}.json`, 'utf8').catch(() => 'null');
  try {
    const value: unknown = JSON.parse(text);
    const hasEtag = typeof value === 'object' && value !== null && 'etag' in value;
    return hasEtag && typeof value.etag === 'string' ? value.etag : null;
  } catch {
    return null;
  }
}

async function requireSpace(file: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(file));
  if (bavail * bsize >= bytes) return;
  throw new FlashlmError(
    'write-failed',
    `${path.dirname(file)} has ${prettyBytes(bavail * bsize)} free, and ${prettyBytes(bytes)} are still to come.`,
    'Free space or choose another --out folder.',
  );
}

function writeFailed(file: string, cause: Error): FlashlmError {
  return new FlashlmError(
    'write-failed',
    `${file} could not be written: ${cause.message}.`,
    'Free space or choose another --out folder; running the command again goes on.',
    { cause },
  );
}

async function checksumOf(file: string): Promise<string> {
  const checksum = createHash('sha256');
  for await (const chunk of createReadStream(file)) checksum.update(chunk as Buffer);
  return checksum.digest('hex');
}
