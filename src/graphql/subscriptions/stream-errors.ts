import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';

import { mapIterator } from './iterators.js';

/** Stands for an event: what ended the stream. */
class StreamError {
  constructor(readonly cause: unknown) {}
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Makes an error that ends the source of a subscription (SLOW_CONSUMER, RESYNC_REQUIRED, CURSOR_EXPIRED) a last result
 * with `errors`, after which the subscription completes. graphql-js would throw it at the transport, which then knows
 * nothing better than to close the client's connection, and all its other subscriptions with it.
 */
export function deliverStreamErrors(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe, resolve } = field;
    if (!subscribe || !resolve) continue;

    const subscribeSafely: GraphQLFieldResolver<unknown, unknown> = async (source, args, context, info) => {
      const stream: unknown = await subscribe(source, args, context, info);
      if (!isStream(stream)) return stream;
      return mapIterator<unknown, unknown>(stream[Symbol.asyncIterator](), (event) => event, (error) => new StreamError(error));
    };
    const resolveOrThrow: GraphQLFieldResolver<unknown, unknown> = (event, args, context, info) => {
      if (event instanceof StreamError) throw event.cause;
      return resolve(event, args, context, info);
    };
    field.subscribe = subscribeSafely;
    field.resolve = resolveOrThrow;
  }
}
