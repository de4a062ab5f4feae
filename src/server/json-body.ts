import { isUtf8 } from 'node:buffer';

import type { FastifyInstance } from 'fastify';

/** A body in JSON whose bytes are no text in UTF-8: to read it with replacements would be to act on what nobody wrote. */
class NotUtf8Error extends Error {
  readonly statusCode = 400;
}

/** What may spell a name that reaches a prototype: the names, and any letter as a code. */
const SUSPECT = ['__proto__', 'constructor', String.raw`\u`] as const;

/** The value of a text that cannot hold such a name; undefined where it may, or is no JSON. */
function innocent(text: string): unknown {
  if (SUSPECT.some((each) => text.includes(each))) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads bodies in JSON: of UTF-8 (RFC 8259), and without the names that would reach a prototype (`__proto__`). Others are
 * answered with 400.
 */
export function registerJsonBody(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) {
      done(new NotUtf8Error('The body is not valid UTF-8.'));
      return;
    }
    const text = body.toString('utf8');
    const value = innocent(text);
    if (value === undefined) void parse(request, text, done);
    else done(null, value);
  });
}
