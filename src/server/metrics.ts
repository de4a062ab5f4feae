import { createHash, timingSafeEqual } from 'node:crypto';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Metrics } from '../metrics/metrics.js';
import type { RouteAccess } from './auth/routes.js';
import { errorBody } from './errors.js';

const METRICS_PATH = '/metrics';

export interface MetricsRouteOptions {
  readonly metrics: Metrics;
  /** What a scraper shows to be let in; absent: it is a caller who may administer, and knows of every queue. */
  readonly token?: string | undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The credentials of `Authorization: Bearer …`; null where there are none. */
function bearerOf(request: FastifyRequest): string | null {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/**
 * GET /metrics: everything in the text format of Prometheus. It is about all queues, whatever the scope of a caller, so it
 * is for who shows the token where one is configured, else for administrators of every queue.
 */
export function registerMetrics(http: FastifyInstance, { metrics, token }: MetricsRouteOptions): void {
  const expected = token === undefined ? null : digest(token);
  const access: RouteAccess = expected === null ? { permission: 'ADMINISTER', everyQueue: true } : 'public';
  // A HEAD would read all of it for nothing, and begin a new interval of what is measured between scrapes.
  http.get(METRICS_PATH, { exposeHeadRoute: false, config: { access } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const shown = bearerOf(request);
    if (expected !== null && (shown === null || !timingSafeEqual(digest(shown), expected))) {
      return reply.code(401).header('www-authenticate', 'Bearer realm="metrics"').send(errorBody('Show the token of the metrics: Authorization: Bearer TOKEN.', 'UNAUTHENTICATED'));
    }
    return reply.header('content-type', metrics.contentType).send(await metrics.text());
  });
}
