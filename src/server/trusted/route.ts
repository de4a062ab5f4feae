import type { preHandlerHookHandler } from 'fastify';

import type { TrustedDocuments } from './trusted-documents.js';

/** What a request has in the place of its text: undefined where it has nothing there. */
function queryIn(from: unknown): unknown {
  return typeof from === 'object' && from !== null ? (from as { readonly query?: unknown }).query : undefined;
}

/**
 * Answers an operation over HTTP whose text is not trusted, before anything reads that text. Apollo Server takes hashes
 * from a cache that holds the trusted documents, and nothing else.
 */
export function onlyTrusted(trusted: TrustedDocuments): preHandlerHookHandler {
  return (request, reply, done) => {
    const query = queryIn(request.method === 'GET' ? request.query : request.body);
    const refusal = query === undefined || query === null || query === '' ? null : trusted.refusalOf(String(query));
    if (refusal === null) {
      done();
      return;
    }
    const { message, extensions } = refusal;
    void reply.code(400).send({ errors: [{ message, extensions }] });
  };
}
