import type { preHandlerHookHandler } from 'fastify';
import type { GraphQLError } from 'graphql';

import type { TaskTrackerSurface } from '../graphql/surface.js';

function textIn(carrier: unknown): string | null {
  const text = typeof carrier === 'object' && carrier !== null ? (carrier as { readonly query?: unknown }).query : null;
  return typeof text === 'string' ? text : null;
}

const shown = ({ message, extensions }: GraphQLError) => ({ message, extensions });

/** Answers an operation whose text cannot be parsed safely before Apollo Server parses it: with 400, as a GraphQL response. */
export function refuseText({ checkText }: Pick<TaskTrackerSurface, 'checkText'>): preHandlerHookHandler {
  return (request, reply, done) => {
    const text = textIn(request.method === 'GET' ? request.query : request.body);
    const errors = text === null ? [] : checkText(text);
    if (errors.length === 0) done();
    else void reply.code(400).send({ errors: errors.map(shown) });
  };
}
