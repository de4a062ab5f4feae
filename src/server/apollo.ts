import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';

import type { OperationContext } from '../graphql/context.js';
import type { TaskTrackerSurface } from '../graphql/surface.js';
import { type OperationObservers, observePlugin } from './observe-plugin.js';

export interface ApolloOptions {
  readonly surface: TaskTrackerSurface;
  readonly log: Logger;
  readonly observers: OperationObservers;
}

function subscriptionOverHttp(): GraphQLError {
  return new GraphQLError('Subscriptions are served over WebSocket (the graphql-transport-ws protocol) at this same path, not over HTTP.', {
    extensions: { code: 'SUBSCRIPTION_OVER_HTTP', http: { status: 400 } },
  });
}

/**
 * Apollo Server over the surface. Not started yet; it neither listens to signals nor shows a landing page, and reports
 * nothing to anybody. CSRF prevention is on: a request that a browser sends without preflight is refused.
 */
export function createApolloServer({ surface, log, observers }: ApolloOptions): ApolloServer<OperationContext> {
  return new ApolloServer<OperationContext>({
    schema: surface.schema,
    validationRules: [...surface.validationRules],
    parseOptions: { maxTokens: surface.maxTokens },
    formatError: (formatted, error) => surface.formatError(formatted, error),
    // Where it is switched off, a rule of the surface refuses it: the same answer over every transport.
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: log,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      observePlugin(observers),
      {
        requestDidStart: () =>
          Promise.resolve({
            didResolveOperation({ document, operation, request, contextValue }) {
              if (operation?.operation === 'subscription') throw subscriptionOverHttp();
              const [first] = surface.checkOperation({ document, operationName: request.operationName, variables: request.variables ?? {}, caller: contextValue.caller });
              if (first === undefined) return Promise.resolve();
              throw new GraphQLError(first.message, { extensions: { ...first.extensions, http: { status: first.extensions['code'] === 'FORBIDDEN' ? 403 : 400 } }, originalError: first });
            },
          }),
      },
    ],
  });
}
