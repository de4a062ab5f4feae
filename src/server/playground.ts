import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import type { FastifyInstance } from 'fastify';

import { type PlaygroundPage, renderPlayground } from './playground-page.js';

const unzip = promisify(gunzip);

/** GET /graphiql. The page is rendered at the first request and kept compressed. */
export function registerPlayground(server: FastifyInstance, endpoint: string): void {
  let rendering: Promise<PlaygroundPage> | undefined;
  server.get('/graphiql', { config: { access: 'public' } }, async (request, reply) => {
    rendering ??= renderPlayground(endpoint).catch((error: unknown) => {
      rendering = undefined;
      throw error;
    });
    const page = await rendering;
    reply.headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': page.contentSecurityPolicy,
      'cache-control': 'no-cache',
      etag: page.etag,
      vary: 'accept-encoding',
    });
    if (request.headers['if-none-match'] === page.etag) return reply.code(304).send();
    if (/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.header('content-encoding', 'gzip').send(page.gzipped);
    return reply.send(await unzip(page.gzipped));
  });
}
