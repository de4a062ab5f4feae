import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';

import type { TaskTrackerSurface } from '../../graphql/surface.js';
import { errorBody } from '../errors.js';
import { isAllowedOrigin } from '../origin.js';
import { ExportFailedError } from './errors.js';
import type { Turnstile } from './turnstile.js';

const STATUS_OF: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  INVALID_INPUT: 400,
  FORBIDDEN: 403,
  EXPORT_TOO_LARGE: 400,
  NOT_FOUND: 404,
  DATABASE_UNAVAILABLE: 503,
  QUERY_TIMEOUT: 503,
};

export interface ExportRouteOptions {
  readonly surface: TaskTrackerSurface;
  readonly turnstile: Turnstile;
  readonly maxExports: number;
  /** Origins of other sites whose pages may export. */
  readonly allowedOrigins: readonly string[];
}

/** A route that gives a file: not for pages of another site, so many at a time, and errors as the API shows them. */
export function registerExportRoute(
  http: FastifyInstance,
  path: string,
  { surface, turnstile, maxExports, allowedOrigins }: ExportRouteOptions,
  send: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  // A HEAD would read all of it for nothing.
  http.get(path, { exposeHeadRoute: false, config: { access: { permission: 'READ', everyQueue: false }, rated: 'export' } }, async (request, reply) => {
    const { origin, host } = request.headers;
    // A browser sends no Origin with what it opens or loads without reading it.
    const unread = origin === undefined && request.headers['sec-fetch-site'] === 'cross-site';
    if (unread || !isAllowedOrigin(origin, host, allowedOrigins)) {
      return reply.code(403).send(errorBody('Pages of another site may not export.', 'ORIGIN_REFUSED'));
    }
    if (!turnstile.enter(reply.raw)) {
      const message = `As many exports run as may at a time (${maxExports}): try again when one has ended.`;
      return reply.code(503).header('retry-after', '5').send(errorBody(message, 'TOO_MANY_EXPORTS'));
    }
    try {
      return await send(request, reply);
    } catch (error) {
      const { message, extensions = {} } = shown(surface, error);
      return reply.code(STATUS_OF[String(extensions['code'])] ?? 500).send({ errors: [{ message, extensions }] });
    }
  });
}

function shown(surface: TaskTrackerSurface, error: unknown): GraphQLFormattedError {
  const cause = error instanceof ExportFailedError ? error.errors[0] : error;
  const { message } = cause as Error;
  const extensions = (cause as { readonly extensions?: Record<string, unknown> }).extensions ?? {};
  return surface.formatError({ message, extensions }, cause);
}
