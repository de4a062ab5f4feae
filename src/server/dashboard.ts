import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { DashboardFiles, StaticFile } from './dashboard-files.js';

/** Paths of views, and how many folders below the dashboard's root they lie, as the browser counts. */
const VIEWS: readonly (readonly [url: string, depth: number])[] = [
  ['/tasks', 0],
  ['/errors', 0],
  ['/tasks/*', 1],
  // A queue's name may hold a slash, which some proxies decode on the way; the browser still counts one name.
  ['/queues/*', 1],
];

/** The page tells nothing: what it shows it asks for, as any client does. */
const OPEN = { config: { access: 'public' } } as const;

const FOR_EVER = 'public, max-age=31536000, immutable';

/** Whether a browser asks for a page, rather than a program for data. */
export function asksForPage(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') ?? false;
}

/**
 * GET /assets/*, the paths of views, and a page that says so for what a browser asks for and is not there. `/` itself is
 * the caller's: see `sendPage`.
 */
export function registerDashboard(server: FastifyInstance, files: DashboardFiles): void {
  server.get<{ Params: { '*': string } }>('/assets/*', OPEN, (request, reply) => {
    const file = files.assets.get(`assets/${request.params['*']}`);
    if (file === undefined) return reply.callNotFound();
    return sendFile(request, reply.header('cache-control', FOR_EVER), file);
  });
  for (const [url, depth] of VIEWS) server.get(url, OPEN, (request, reply) => sendPage(request, reply, files, depth));
  server.get('/*', OPEN, (request, reply) => {
    if (!asksForPage(request)) return reply.callNotFound();
    const path = request.url.split('?', 1)[0] ?? '/';
    return sendPage(request, reply.code(404), files, path.split('/').length - 2);
  });
}

/** The dashboard's page, asked for by a path that lies `depth` folders below its root. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, files: DashboardFiles, depth: number): FastifyReply {
  reply.headers({ 'content-security-policy': files.contentSecurityPolicy, 'cache-control': 'no-cache' });
  return sendFile(request, reply, files.page(depth));
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  reply.header('etag', file.etag).header('vary', 'accept, accept-encoding');
  if (reply.statusCode === 200 && request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  reply.header('content-type', file.contentType);
  const accepted = request.headers['accept-encoding'] ?? '';
  if (file.br !== null && /\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(file.br);
  if (file.gzip !== null && /\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(file.gzip);
  return reply.send(file.plain);
}
