import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentNode, type ExecutionResult, getOperationAST, type GraphQLError, type GraphQLFormattedError, type OperationDefinitionNode } from 'graphql';

import type { OperationContext } from '../graphql/context.js';
import type { CompiledOperations } from '../graphql/execution/compiled-operations.js';
import type { TaskTrackerSurface } from '../graphql/surface.js';
import { outcomeOf } from '../metrics/outcome.js';
import { callerOf } from './auth/routes.js';
import type { Documents } from './documents.js';
import type { OperationObservers } from './observe-plugin.js';

/** A browser does not send these without a preflight, so nothing else has to be shown against forged requests. */
const JSON_TYPE = /^application\/json(?: *; *charset=utf-8)?$/i;
const AS_JSON = 'application/json; charset=utf-8';
const AS_GRAPHQL = 'application/graphql-response+json; charset=utf-8';
/** The type of the answer by what most clients accept, letter for letter, as Apollo Server's negotiation chooses it. */
const ANSWER_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, AS_JSON],
  ['*/*', AS_JSON],
  ['application/json', AS_JSON],
  ['application/graphql-response+json', AS_GRAPHQL],
  ['application/graphql-response+json,application/json;q=0.9', AS_GRAPHQL],
  ['application/graphql-response+json, application/json;q=0.9', AS_GRAPHQL],
]);

export interface KnownOperationsOptions {
  readonly surface: TaskTrackerSurface;
  readonly documents: Documents;
  readonly operations: CompiledOperations;
  readonly observers: OperationObservers;
  readonly createContext: (request: FastifyRequest, reply: FastifyReply) => OperationContext;
}

/** A request as Apollo Server would read it. */
interface Known {
  /** Of the answer. */
  readonly contentType: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As Apollo Server hands errors to `formatError`. */
function coded(error: GraphQLError): GraphQLFormattedError {
  return { ...error.toJSON(), extensions: { ...error.extensions, code: error.extensions['code'] ?? 'INTERNAL_SERVER_ERROR' } };
}

/**
 * The short way of queries and mutations that are well-formed and known: what comes as plain JSON by POST, and whose text
 * has been parsed and validated before. They are checked, executed, measured and traced by the same parts as all others, and
 * answered with the bytes that Apollo Server would send; everything else is left to it.
 */
export class KnownOperations {
  readonly #options: KnownOperationsOptions;

  constructor(options: KnownOperationsOptions) {
    this.#options = options;
  }

  /**
   * @param request of a caller who has passed the rate limit, and whose text may be read
   * @returns the body of the answer, its head being set; null: nothing was done, and Apollo Server is to answer
   */
  answer(request: FastifyRequest, reply: FastifyReply): Promise<string | null> | null {
    const known = this.#read(request);
    return known && this.#execute(known, request, reply);
  }

  #read({ method, headers, body }: FastifyRequest): Known | null {
    const contentType = ANSWER_TYPES.get(headers.accept);
    if (method !== 'POST' || contentType === undefined || !JSON_TYPE.test(headers['content-type'] ?? '')) return null;
    if (!isRecord(body)) return null;
    const { query, operationName = null, variables = null, extensions = null } = body;
    if (typeof query !== 'string' || extensions !== null) return null;
    if (operationName !== null && typeof operationName !== 'string') return null;
    if (variables !== null && !isRecord(variables)) return null;
    const document = this.#options.documents.known(query);
    const operation = document && getOperationAST(document, operationName);
    if (!operation || operation.operation === 'subscription') return null;
    return { contentType, document, operation, operationName: operationName ?? undefined, variables: variables ?? undefined };
  }

  async #execute({ contentType, document, operation, operationName, variables }: Known, request: FastifyRequest, reply: FastifyReply): Promise<string | null> {
    const startedAt = performance.now();
    const { surface, operations, observers, createContext } = this.#options;
    if (surface.checkOperation({ document, operationName, variables: variables ?? {}, caller: callerOf(request) }).length > 0) return null;
    const result = await operations.execute({ document, operationName, variableValues: variables, contextValue: createContext(request, reply) });
    // The variables do not fit: nothing was executed.
    if (result.data === undefined) return null;
    const errors = this.#shown(result);
    const facts = { name: operation.name?.value ?? operationName, type: operation.operation };
    const outcome = outcomeOf(errors);
    observers.operations?.answered(facts, 'http', outcome, performance.now() - startedAt);
    observers.spans?.end(request, { ...facts, outcome });
    void reply.header('content-type', contentType);
    return `${JSON.stringify({ errors, data: result.data })}\n`;
  }

  #shown({ errors }: ExecutionResult): readonly GraphQLFormattedError[] | undefined {
    return errors?.map((error) => this.#options.surface.formatError(coded(error), error));
  }
}
