import { type Exchange, formatDocument, makeOperation, type Operation, type OperationResult } from '@urql/core';
import { filter, map, merge, pipe, tap } from 'wonka';

import type { RecentMap } from './recent-map.js';

/**
 * What the page was told last is on the screen at once when it is asked for again: `cache-first` asks for nothing else,
 * `cache-and-network` shows it as stale until the answer comes, `network-only` leaves it out. A page that stays open for
 * days asks for ever new ranges of time, so only the last answers are kept. Nothing is asked again after a mutation: the
 * subscriptions tell what it changed.
 *
 * @param answers by the keys of operations; keep it to one client
 */
export function recentAnswers(answers: RecentMap<number, OperationResult>): Exchange {
  return ({ client, forward }) => {
    const isKept = ({ kind, key, context }: Operation): boolean => kind === 'query' && context.requestPolicy !== 'network-only' && answers.has(key);
    const answerOf = (operation: Operation): OperationResult => {
      const stale = operation.context.requestPolicy === 'cache-and-network';
      if (stale) client.reexecuteOperation(makeOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' }));
      return { ...(answers.get(operation.key) as OperationResult), operation, stale };
    };
    const keep = (result: OperationResult): void => {
      if (result.operation.kind === 'query' && result.data) answers.set(result.operation.key, result);
    };
    return (operations) =>
      merge([
        pipe(operations, filter(isKept), map(answerOf)),
        pipe(
          operations,
          filter((operation) => !isKept(operation)),
          map(forServer),
          forward,
          tap(keep),
        ),
      ]);
  };
}

/** Without the directives that are only for the page, which a server refuses. */
function forServer(operation: Operation): Operation {
  if (operation.kind === 'teardown') return operation;
  const sent = makeOperation(operation.kind, operation);
  sent.query = formatDocument(operation.query);
  return sent;
}
