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
  /** What the file must be; without it the server's own word is taken. */
  expected?: { bytes: number; sha256: string };
  /** Milliseconds without a byte after which a connection is given up. */
  patience?: number;
  /** Milliseconds before the first new try after a dropped connection; doubles each time. */
  pause?: number;
  /** @param total null where the server does not say */
  onProgress?: (bytes: number, total: number | null) => void;
}

export interface Download {
  file: string;
  bytes: number;
  sha256: string;
  /** Whether it has the expected SHA-256, or the one that the server named. */
  verified: boolean;
  /** Bytes that lay there from an earlier call. */
  resumedFrom: number;
}

const TRIES = 5;
const FIRST_PAUSE = 1000;
const PATIENCE = 60_000;
const MOST_REDIRECTS = 5;
const OFFLINE = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']);
const SHA256 = /^[0-9a-f]{64}$/;

/** What a server says of a file. */
interface Offer {
  response: Response;
  /** First byte that it sends; the length of the part where nothing is missing. */
  start: number;
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
  let isFirst = true;
  for (let attempt = 1; ; attempt++) {
    const before = (await stat(part).catch(() => null))?.size ?? 0;
    try {
      if (there !== null) return await checkPresent(request, there.size);
      const offer = await loadOnce(request, part);
      return await finish(request, part, offer, resumedFrom);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      const after = (await stat(part).catch(() => null))?.size ?? 0;
      const isOffline = isFirst && error.isOffline;
      isFirst = false;
      if (after > before) attempt = 1; // it is slow, but it comes
      if (attempt >= TRIES || isOffline) {
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
  /** Whether nobody was reached: at the start of a call that is no passing fault. */
  readonly isOffline: boolean;

  constructor(cause: unknown) {
    super('connection lost', { cause });
    // fetch hides the reason in its error's cause; that of several failed addresses has a code and no message.
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
    this.reason = inner instanceof Error ? inner.message || code : String(inner);
    this.isOffline = OFFLINE.has(code);
  }
}

/** A file that is there already is compared with what it must be, else with what the server has, as far as it says. */
async function checkPresent(request: DownloadRequest, bytes: number): Promise<Download> {
  const { file, url, expected } = request;
  const own = await checksumOf(file);
  if (expected?.sha256 === own) return { file, bytes, sha256: own, verified: true, resumedFrom: bytes };
  const { total, sha256 } = expected === undefined ? await look(request) : wanted(expected);
  if ((sha256 !== null && sha256 !== own) || (total !== null && total !== bytes)) {
    throw new FlashlmError(
      'download-failed',
      `${file} is there, but is not what ${url} has.`,
      'Move it away to load the other one.',
    );
  }
  return { file, bytes, sha256: own, verified: sha256 !== null, resumedFrom: bytes };
}

/** What the server says of the file, without loading it. */
async function look(request: DownloadRequest): Promise<Offer> {
  const connection = new AbortController();
  try {
    return await ask(request.url, {}, connection.signal);
  } finally {
    connection.abort();
  }
}

/** Loads what is missing of the part. @throws ConnectionLost */
async function loadOnce(request: DownloadRequest, part: string): Promise<Offer> {
  const connection = new AbortController();
  try {
    const offer = await ask(request.url, await rangeHeaders(request, part), connection.signal);
    return await save(request, part, offer);
  } finally {
    // What is not wanted of an answer is not waited for.
    connection.abort();
  }
}

/** Asks for what is missing: if the file is still the same, or if a checksum will tell. */
async function rangeHeaders({ expected }: DownloadRequest, part: string): Promise<Record<string, string>> {
  const start = (await stat(part).catch(() => null))?.size ?? 0;
  const etag = await etagOf(part);
  if (start === 0 || (etag === null && expected === undefined)) return {};
  const range = `bytes=${start}-`;
  return etag === null ? { range } : { range, 'if-range': etag };
}

async function save(request: DownloadRequest, part: string, offer: Offer): Promise<Offer> {
  const { url, expected, onProgress } = request;
  if (expected !== undefined && offer.total !== null && offer.total !== expected.bytes) {
    throw new FlashlmError(
      'download-failed',
      `${url} has ${offer.total} bytes, not the ${expected.bytes} of the file that this version knows.`,
      'Name another server with --mirror.',
    );
  }
  const total = offer.total ?? expected?.bytes ?? null;
  await requireSpace(part, total === null ? 0 : total - offer.start);
  await writeFileAtomically(`${part}.json`, JSON.stringify({ etag: offer.etag }));
  const handle = await open(part, offer.start > 0 ? 'a' : 'w').catch((cause) => {
    throw writeFailed(part, cause);
  });
  let bytes = offer.start;
  try {
    for await (const chunk of chunksOf(offer.response, request.patience ?? PATIENCE)) {
      await handle.write(chunk).catch((cause) => {
        throw writeFailed(part, cause);
      });
      bytes += chunk.length;
      onProgress?.(bytes, total);
      // An endless answer would fill the disk; what is too long is not the file.
      if (total !== null && bytes > total) break;
    }
  } finally {
    await handle.close();
  }
  if (total !== null && bytes < total) {
    throw new ConnectionLost(new Error(`the server broke off at ${prettyBytes(bytes)}`));
  }
  return offer;
}

/** Checks the whole part and gives it its name. */
async function finish(
  { url, file, expected }: DownloadRequest,
  part: string,
  offer: Offer,
  resumedFrom: number,
): Promise<Download> {
  const { sha256, total } = expected === undefined ? offer : wanted(expected);
  const own = await checksumOf(part);
  const { size } = await stat(part);
  if ((sha256 !== null && sha256 !== own) || (total !== null && total !== size)) {
    await rm(part, { force: true });
    await rm(`${part}.json`, { force: true });
    throw new FlashlmError(
      'download-failed',
      `What came from ${url} is not what ${expected === undefined ? 'the server promised' : 'was expected'} ` +
        '(its checksum or length differs).',
      'It was deleted; run the command again, or name another server with --mirror.',
    );
  }
  await rename(part, file);
  await rm(`${part}.json`, { force: true });
  return { file, bytes: size, sha256: own, verified: sha256 !== null, resumedFrom };
}

function wanted({ bytes, sha256 }: { bytes: number; sha256: string }): { total: number; sha256: string } {
  return { total: bytes, sha256 };
}

/** Asks for a file and follows redirections. @throws ConnectionLost, FlashlmError download-failed */
async function ask(url: string, range: Record<string, string>, signal: AbortSignal): Promise<Offer> {
  // Lengths and places are those of the file as it is, not of a compressed answer; with a range, fetch says so itself.
  const headers = range.range === undefined ? { 'accept-encoding': 'identity' } : range;
  let sha256: string | null = null;
  let location = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await fetch(location, { headers, redirect: 'manual', signal }).catch((cause) => {
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
    if (response.status === 416 && range.range !== undefined) {
      await response.body?.cancel();
      return offerOfNothing(response, range.range, sha256) ?? ask(url, {}, signal);
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
    return {
      response,
      start: startOf(response),
      etag: strongEtag(response),
      total: totalOf(response),
      sha256,
    };
  }
  throw new FlashlmError('download-failed', `${url} leads in circles.`, 'Name another server with --mirror.');
}

/** The answer to a call that was cut off when all bytes were there; null where there are too many. */
function offerOfNothing(response: Response, range: string, sha256: string | null): Offer | null {
  const start = Number(/\d+/.exec(range)?.[0]);
  const total = totalOf(response);
  if (total !== start) return null;
  return { response: new Response(null), start, etag: strongEtag(response), total, sha256 };
}

function startOf(response: Response): number {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return response.status === 206 && range !== null ? Number(range[1]) : 0;
}

/** A weak one does not promise the same bytes (RFC 9110, 13.1.5). */
function strongEtag(response: Response): string | null {
  const etag = response.headers.get('etag');
  return etag === null || etag.startsWith('W/') ? null : etag;
}

/** Bytes of the whole file. */
function totalOf(response: Response): number | null {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const length = range?.[1] ?? (response.status === 200 ? response.headers.get('content-length') : null);
  return length === null ? null : Number(length);
}

async function* chunksOf(response: Response, patience: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const timer = new AbortController();
    const silence = setTimeout(patience, null, { signal: timer.signal }).catch(() => null);
    const next = await Promise.race([reader.read().catch(connectionLost), silence]);
    timer.abort();
    if (next === null) throw new ConnectionLost(new Error('the server fell silent'));
    if (next.done) return;
    yield next.value;
  }
}

function connectionLost(cause: unknown): never {
  throw new ConnectionLost(cause);
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
