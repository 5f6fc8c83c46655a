import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../src/data/download.js';

/** A real server on this computer, with the habits of Hugging Face's: a redirection that names the checksum, ranges. */

const LENGTH = 300_000;
let content: Buffer;
let etag: string;
/** What the redirection promises; null for a server that promises nothing. */
let promised: string | null;
/** Bytes after which the next answers are broken off. */
let breaks: number[];
/** Whether an answer that is broken off stays open instead, without another byte. */
let fallsSilent: boolean;
/** What the next answers are instead of the file. */
let statuses: number[];
let encodings: (string | undefined)[];
let requests: { range: string | undefined }[];
let knowsRanges: boolean;

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/resolve/stories.txt') {
    const linked = promised === null ? {} : { 'x-linked-etag': `"${promised}"` };
    response.writeHead(302, { location: '/cdn/stories.txt?signature=1', ...linked }).end();
    return;
  }
  if (request.url !== '/cdn/stories.txt?signature=1') {
    response.writeHead(404).end();
    return;
  }
  const { range } = request.headers;
  requests.push({ range });
  encodings.push(request.headers['accept-encoding']);
  const status = statuses.shift();
  if (status !== undefined) {
    response.writeHead(status).end();
    return;
  }
  const condition = request.headers['if-range'];
  const isSame = condition === undefined || (condition === etag && !etag.startsWith('W/'));
  const first = range !== undefined && isSame && knowsRanges ? Number(/bytes=(\d+)-/.exec(range)?.[1]) : 0;
  if (first >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(first);
  const headers = { ...(etag === '' ? {} : { etag }), 'content-length': body.length };
  if (first > 0) {
    const contentRange = `bytes ${first}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { ...headers, 'content-range': contentRange });
  } else response.writeHead(200, headers);
  const breakAt = breaks.shift();
  if (breakAt === undefined) response.end(body);
  else response.write(body.subarray(0, breakAt), () => fallsSilent || response.destroy());
}

let server: Server;
let base: string;
let folder: string;
let file: string;

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/resolve/`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(async () => {
  content = randomBytes(LENGTH);
  etag = '"version-1"';
  promised = sha256(content);
  breaks = [];
  fallsSilent = false;
  statuses = [];
  encodings = [];
  requests = [];
  knowsRanges = true;
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-download-'));
  file = path.join(folder, 'stories.txt');
  return () => rm(folder, { recursive: true });
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const load = () => download({ url: `${base}stories.txt`, file, pause: 1 });

describe('a download', () => {
  it('leaves the file alone in its folder, verified', async () => {
    const progress: number[] = [];
    const result = await download({
      url: `${base}stories.txt`,
      file,
      onProgress: (bytes, total) => {
        expect(total).toBe(LENGTH);
        progress.push(bytes);
      },
    });
    expect(result).toEqual({ file, bytes: LENGTH, sha256: sha256(content), verified: true, resumedFrom: 0 });
    expect(await readFile(file)).toEqual(content);
    expect(await readdir(folder)).toEqual(['stories.txt']);
    expect(progress.at(-1)).toBe(LENGTH);
  });

  it('goes on by itself when the connection breaks', async () => {
    breaks = [100_000, 50_000];
    await load();
    expect(await readFile(file)).toEqual(content);
    expect(requests.length).toBe(3);
    expect(requests[1].range).toMatch(/^bytes=\d+-$/);
  });

  it('goes on in another call', async () => {
    breaks = [100_000, 0, 0, 0, 0, 0, 0];
    await expect(load()).rejects.toMatchObject({ code: 'download-failed' });
    const { length } = await readFile(`${file}.part`);
    expect(length).toBeGreaterThan(0);
    breaks = [];
    requests = [];
    expect(await load()).toMatchObject({ resumedFrom: length, verified: true });
    expect(requests).toEqual([{ range: `bytes=${length}-` }]);
    expect(await readFile(file)).toEqual(content);
  });

  it.each(['changed', 'knows no ranges'])('begins again where the server has %s', async (how) => {
    breaks = [100_000, 0, 0, 0, 0, 0, 0];
    await expect(load()).rejects.toMatchObject({ code: 'download-failed' });
    breaks = [];
    if (how === 'changed') {
      content = randomBytes(LENGTH + 1000);
      etag = '"version-2"';
      promised = sha256(content);
    } else knowsRanges = false;
    expect(await load()).toMatchObject({ verified: true });
    expect(await readFile(file)).toEqual(content);
  });

  it('with a wrong checksum is deleted', async () => {
    promised = sha256(Buffer.from('something else'));
    await expect(load()).rejects.toThrow('is not what the server promised');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that nothing was verified where the server promises nothing', async () => {
    promised = null;
    expect(await load()).toMatchObject({ verified: false, sha256: sha256(content) });
  });

  it('is not made twice, and never over another file', async () => {
    await load();
    requests = [];
    expect(await load()).toMatchObject({ verified: true, bytes: LENGTH });
    await writeFile(file, 'mine');
    await expect(load()).rejects.toMatchObject({ code: 'download-failed' });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('goes on where the server falls silent or is busy', async () => {
    breaks = [100_000];
    fallsSilent = true;
    await download({ url: `${base}stories.txt`, file, pause: 1, patience: 200 });
    expect(await readFile(file)).toEqual(content);
    await rm(file);
    statuses = [503, 429, 500];
    expect(await load()).toMatchObject({ verified: true });
    expect(new Set(encodings)).toEqual(new Set(['identity']));
  });

  it('of which all bytes were there already is checked and named', async () => {
    await writeFile(`${file}.part`, content);
    await writeFile(`${file}.part.json`, JSON.stringify({ etag }));
    expect(await load()).toMatchObject({ verified: true, resumedFrom: LENGTH });
    expect(requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['stories.txt']);
  });

  it('begins again where more was there than the server has', async () => {
    await writeFile(`${file}.part`, Buffer.concat([content, content]));
    await writeFile(`${file}.part.json`, JSON.stringify({ etag }));
    expect(await load()).toMatchObject({ verified: true, bytes: LENGTH });
    expect(await readFile(file)).toEqual(content);
  });

  it.each(['W/"weak"', undefined])(
    'goes on without a strong etag (%s) where a checksum is expected',
    async (tag) => {
      etag = tag ?? '';
      const expected = { bytes: LENGTH, sha256: sha256(content) };
      breaks = [100_000];
      promised = null;
      const request = { url: `${base}stories.txt`, file, expected, pause: 1 };
      expect(await download(request)).toMatchObject({ verified: true });
      expect(requests[1].range).toMatch(/^bytes=\d+-$/);
      // A file whose checksum is known needs no server.
      const offline = { ...request, url: 'http://127.0.0.1:1/stories.txt' };
      expect(await download(offline)).toMatchObject({ verified: true, bytes: LENGTH });
    },
  );

  it('of another length or content than expected is refused, the length before anything is written', async () => {
    const url = `${base}stories.txt`;
    const shorter = { bytes: LENGTH - 1, sha256: sha256(content) };
    await expect(download({ url, file, expected: shorter, pause: 1 })).rejects.toThrow(
      `has ${LENGTH} bytes, not the ${LENGTH - 1}`,
    );
    expect(await readdir(folder)).toEqual([]);
    const other = { bytes: LENGTH, sha256: sha256(Buffer.from('other')) };
    await expect(download({ url, file, expected: other, pause: 1 })).rejects.toThrow(
      'is not what was expected',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('that the disk has no room for is refused before it begins', async () => {
    const { bavail, bsize } = await statfs(folder);
    const bytes = 2 * bavail * bsize;
    const endless = createServer((_, response) =>
      response.writeHead(200, { 'content-length': bytes }).flushHeaders(),
    );
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/stories.txt`;
    await expect(download({ url, file, pause: 1 })).rejects.toMatchObject({ code: 'write-failed' });
    expect(await readdir(folder)).toEqual([]);
    endless.closeAllConnections();
    endless.close();
  });

  it('of what is not there is refused at once', async () => {
    const missing = download({ url: `${base}none.txt`, file, pause: 1 });
    await expect(missing).rejects.toThrow('the server answers 404');
    expect(await readdir(folder)).toEqual([]);
  });

  it('from no server at all is one sentence', async () => {
    const nowhere = download({ url: 'http://127.0.0.1:1/stories.txt', file, pause: 1 });
    await expect(nowhere).rejects.toMatchObject({ code: 'download-failed', exitCode: 1 });
    await expect(nowhere).rejects.toThrow(/cannot be loaded: .*\. Check the connection to the internet/);
  });
});
