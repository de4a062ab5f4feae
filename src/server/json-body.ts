import { isUtf8 } from 'node:buffer';

import type { FastifyInstance } from 'fastify';

/** A body in JSON whose bytes are no text in UTF-8: to read it with replacements would be to act on what nobody wrote. */
class NotUtf8Error extends Error {
  readonly statusCode = 400;
}

/**
 * Reads bodies in JSON: of UTF-8 (RFC 8259), and without the names that would reach a prototype (`__proto__`). Others are
 * answered with 400.
 */
export function registerJsonBody(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (isUtf8(body)) void parse(request, body.toString('utf8'), done);
    else done(new NotUtf8Error('The body is not valid UTF-8.'));
  });
}
