import type { FastifyCorsOptions } from '@fastify/cors';

/**
 * What pages of listed sites may send and read. Never credentials of the browser: TaskTracker has no cookies, and a key is
 * sent by who holds it.
 */
export const CORS_OF_OTHER_SITES: FastifyCorsOptions = {
  methods: ['GET', 'POST'],
  allowedHeaders: ['Content-Type', 'Authorization', 'Apollo-Require-Preflight', 'X-Apollo-Operation-Name', 'Traceparent', 'Tracestate'],
  exposedHeaders: ['Content-Disposition', 'Retry-After', 'WWW-Authenticate'],
  credentials: false,
  // Seconds for which a browser need not ask again.
  maxAge: 600,
};
