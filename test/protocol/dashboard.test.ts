import http from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadDashboard } from '../../src/server/dashboard-files.js';
import { type RunningToy, toyServer } from '../support/server.js';

let running: RunningToy;
beforeAll(async () => {
  running = await toyServer();
});
afterAll(() => running.close());

const PAGE = { accept: 'text/html,application/xhtml+xml' };

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Without the decompression and the normalised paths of fetch. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(running.url);
  return new Promise((resolve, reject) => {
    const sent = http.request({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function baseOf({ body }: Answer): string | undefined {
  return /<base href="([^"]*)"/.exec(String(body))?.[1];
}

async function script(): Promise<string> {
  const { body } = await ask('/', PAGE);
  return `/${/src="\.\/(assets\/[^"]+\.js)"/.exec(String(body))?.[1] ?? ''}`;
}

describe('the pages of the dashboard', () => {
  test.each([
    ['/', './'],
    ['/?sort=failed.desc', './'],
    ['/tasks?status=FAILED', './'],
    ['/errors', './'],
    ['/queues/jobs', '../'],
    ['/queues/mail%2Fout', '../'],
    // As a proxy that decodes paths would send it on: the browser still counts one folder.
    ['/queues/mail/out', '../'],
  ])('%s is the page, whose URLs are relative to the root: %s', async (path, base) => {
    const answer = await ask(path, PAGE);
    expect([answer.status, answer.headers['content-type'], baseOf(answer)]).toEqual([200, 'text/html; charset=utf-8', base]);
    expect(String(answer.body)).not.toMatch(/(?:src|href)="(?:\/|https?:)/);
  });

  test('what a browser asks for and is not there is a page too, with 404; a program gets the error', async () => {
    const page = await ask('/no/such/page', PAGE);
    expect([page.status, page.headers['content-type'], baseOf(page)]).toEqual([404, 'text/html; charset=utf-8', '../../']);
    const error = await ask('/no/such/page', { accept: 'application/json' });
    expect([error.status, JSON.parse(String(error.body))]).toMatchObject([404, { errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
    expect((await ask('/tasks', PAGE, 'POST')).status).toBe(404);
  });

  test('are asked for anew each time, and not sent again to who has them', async () => {
    const first = await ask('/', PAGE);
    expect(first.headers['cache-control']).toBe('no-cache');
    const again = await ask('/', { ...PAGE, 'if-none-match': first.headers.etag ?? '' });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect((await ask('/queues/jobs', PAGE)).headers.etag).not.toBe(first.headers.etag);
  });

  test('allow scripts and styles of this server, their own script by its hash, and nothing else', async () => {
    const policy = (await ask('/', PAGE)).headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+';/);
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

describe('the files of the dashboard', () => {
  test('may be kept for ever', async () => {
    const answer = await ask(await script());
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect((await ask(await script(), { 'if-none-match': answer.headers.etag ?? '' })).status).toBe(304);
  });

  test('are sent as small as the browser can take them, and the same in each encoding', async () => {
    const path = await script();
    const plain = await ask(path);
    const gzip = await ask(path, { 'accept-encoding': 'gzip, deflate' });
    const brotli = await ask(path, { 'accept-encoding': 'gzip, deflate, br, zstd' });
    expect([plain.headers['content-encoding'], gzip.headers['content-encoding'], brotli.headers['content-encoding']]).toEqual([undefined, 'gzip', 'br']);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
    expect(brotli.body.length).toBeLessThan(gzip.body.length);
    expect(plain.headers.vary).toContain('accept-encoding');
  });

  test.each(['/assets/', '/assets/none.js', '/assets/../index.html', '/assets/..%2f..%2fcli.js', '/assets/%2e%2e/manifest.json', '/assets/../../package.json', '/manifest.json', '/.stamp'])(
    '%s is not there',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  test('are none where the dashboard has not been built', async () => {
    expect(await loadDashboard('/no/such/folder')).toBeNull();
  });
});
