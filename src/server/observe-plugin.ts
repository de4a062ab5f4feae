import type { ApolloServerPlugin } from '@apollo/server';

import type { OperationContext } from '../graphql/context.js';
import type { OperationMetrics } from '../metrics/operations.js';
import { outcomeOf } from '../metrics/outcome.js';
import type { OperationSpans } from '../telemetry/operation-spans.js';

/** What operations are measured and traced with, as far as they are. */
export interface OperationObservers {
  readonly operations?: OperationMetrics | undefined;
  readonly spans?: OperationSpans | undefined;
}

/** Counts, times and traces what is asked over HTTP. One hook and no other: each costs every request. */
export function observePlugin({ operations, spans }: OperationObservers): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart() {
      const startedAt = performance.now();
      return Promise.resolve({
        willSendResponse({ operation, operationName, request, response, contextValue }) {
          const outcome = outcomeOf(response.body.kind === 'single' ? response.body.singleResult.errors : undefined);
          const facts = { name: operationName ?? request.operationName, type: operation?.operation ?? null };
          operations?.answered(facts, 'http', outcome, performance.now() - startedAt);
          spans?.end(contextValue.loaders, { ...facts, outcome });
          return Promise.resolve();
        },
      });
    },
  };
}
