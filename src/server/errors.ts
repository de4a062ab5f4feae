import { randomUUID } from 'node:crypto';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

import { SECURITY_HEADERS } from './security-headers.js';

const CODES: Readonly<Record<number, string>> = {
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  503: 'UNAVAILABLE',
};

/** An error outside GraphQL in the shape of a GraphQL response, so that one reader reads both. */
export function errorBody(message: string, code: string, id?: string) {
  return { errors: [{ message, extensions: id === undefined ? { code } : { code, id } }] };
}

/** Answers a request whose path no router can read: no hook has run for it. */
export function answerUnroutable(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(SECURITY_HEADERS).code(400).send(errorBody('The path of this request is not one.', 'BAD_REQUEST'));
}

/** Answers unknown routes and failed requests in JSON. A message of our own fault is masked, and logged under an id. */
export function registerErrors(server: FastifyInstance, log: Logger): void {
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    return reply.code(404).send(errorBody(`There is nothing at ${request.method} ${path}.`, 'NOT_FOUND'));
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return reply.code(status).send(errorBody(error.message, CODES[status] ?? 'BAD_REQUEST'));
    if (status === 503) return reply.code(503).send(errorBody('The server is shutting down.', 'UNAVAILABLE'));
    const id = randomUUID();
    log.error({ err: error, id, method: request.method, path: request.routeOptions.url }, 'request failed');
    return reply.code(500).send(errorBody('Internal server error', 'INTERNAL_SERVER_ERROR', id));
  });
}
