import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';

import { renewContext, type OperationContext } from '../context.js';
import { maskedError } from '../errors.js';
import { mapIterator, type EndableIterator } from './iterators.js';

/** Arguments of a subscription whose context is one of ours. */
export interface SubscriptionArgs extends ExecutionArgs {
  readonly contextValue: OperationContext;
}

function isStream(value: AsyncIterable<unknown> | ExecutionResult): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

/**
 * graphql-js' `subscribe`, with three differences that long-lived subscriptions need. Each event is executed with
 * loaders of its own, so that nothing read for an earlier one is shown again. Errors are masked as everywhere. And an
 * error that ends the source (SLOW_CONSUMER, RESYNC_REQUIRED, CURSOR_EXPIRED) is delivered as a last result with
 * `errors`, after which the subscription completes: it ends one subscription, not the client's connection.
 */
export async function subscribeOperation(args: SubscriptionArgs): Promise<EndableIterator<ExecutionResult> | ExecutionResult> {
  const { log } = args.contextValue;
  const masked = (result: ExecutionResult): ExecutionResult =>
    result.errors ? { ...result, errors: result.errors.map((error) => maskedError(error, log)) } : result;

  const stream = await createSourceEventStream(args);
  if (!isStream(stream)) return masked(stream);
  return mapIterator(
    stream[Symbol.asyncIterator](),
    async (event) => masked(await execute({ ...args, rootValue: event, contextValue: renewContext(args.contextValue) })),
    (error) => ({ errors: [maskedError(error, log)] }),
  );
}
