import { ApolloServer, type ApolloServerOptionsWithGateway, type GraphQLRequestContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, GraphQLError } from 'graphql';
import type { Logger } from 'pino';

import type { OperationContext } from '../graphql/context.js';
import type { CompiledOperations } from '../graphql/execution/compiled-operations.js';
import type { TaskTrackerSurface } from '../graphql/surface.js';
import type { Documents } from './documents.js';
import { type OperationObservers, observePlugin } from './observe-plugin.js';
import type { PersistedQueryCache } from './persisted-queries.js';

export interface ApolloOptions {
  readonly surface: TaskTrackerSurface;
  /** Shared with the other transport: what was parsed and validated for one is known to both. */
  readonly documents: Documents;
  readonly operations: CompiledOperations;
  readonly log: Logger;
  readonly observers: OperationObservers;
  /** Texts by hash, for clients that send the hash alone. */
  readonly persistedQueries: PersistedQueryCache;
}

function subscriptionOverHttp(): GraphQLError {
  return new GraphQLError('Subscriptions are served over WebSocket (the graphql-transport-ws protocol) at this same path, not over HTTP.', {
    extensions: { code: 'SUBSCRIPTION_OVER_HTTP', http: { status: 400 } },
  });
}

/** Apollo Server takes who executes operations in its place from what it calls a gateway. */
function executedBy(operations: CompiledOperations, { schema }: TaskTrackerSurface): ApolloServerOptionsWithGateway<OperationContext>['gateway'] {
  return {
    onSchemaLoadOrUpdate: (tell) => {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () =>
      Promise.resolve({
        executor: async ({ document, request, context: contextValue }) =>
          operations.execute({ document, operationName: request.operationName, variableValues: request.variables, contextValue }),
      }),
    stop: () => Promise.resolve(),
  };
}

/**
 * Apollo Server over the surface. Not started yet; it neither listens to signals nor shows a landing page, and reports
 * nothing to anybody. CSRF prevention is on: a request that a browser sends without preflight is refused.
 */
export function createApolloServer({ surface, documents, operations, log, observers, persistedQueries }: ApolloOptions): ApolloServer<OperationContext> {
  return new ApolloServer<OperationContext>({
    gateway: executedBy(operations, surface),
    // Ours is filled below.
    documentStore: null,
    validationRules: [...surface.validationRules],
    parseOptions: { maxTokens: surface.maxTokens },
    formatError: (formatted, error) => surface.formatError(formatted, error),
    // Where it is switched off, a rule of the surface refuses it: the same answer over every transport.
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    persistedQueries: { cache: persistedQueries },
    stopOnTerminationSignals: false,
    logger: log,
    plugins: [
      // Each of these would take its part of every request; cache control even of every field.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      observePlugin(observers),
      {
        requestDidStart: () =>
          Promise.resolve({
            didResolveSource(request: GraphQLRequestContext<OperationContext> & { document?: DocumentNode | undefined; readonly source: string }) {
              // A document that is there is neither parsed nor validated.
              request.document = documents.known(request.source);
              return Promise.resolve();
            },
            didResolveOperation({ document, source, operation, request, contextValue }) {
              documents.keep(source, document);
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
