import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError } from 'graphql';

import type { Caller } from '../access/caller.js';
import type { CompiledOperations } from '../graphql/execution/compiled-operations.js';
import type { TaskTrackerSurface } from '../graphql/surface.js';
import { ReadDeadline } from '../queries/deadline.js';
import { withCode } from './coded-error.js';
import type { Documents } from './documents.js';

/** An operation as a client sends it. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Parses, validates and limits an operation that did not come through Apollo Server, by the same rules in the same order.
 * Returns what execute() and subscribe() take, or what is wrong with it.
 */
export function prepareOperation(
  surface: TaskTrackerSurface,
  documents: Documents,
  request: OperationRequest,
  caller: Caller,
): ExecutionArgs | readonly GraphQLError[] {
  const document = documents.read(request.query);
  if (!('kind' in document)) return document;
  const operation = getOperationAST(document, request.operationName);
  if (!operation) {
    const message = request.operationName
      ? `Unknown operation named "${request.operationName}".`
      : 'Must provide operation name if query contains multiple operations.';
    return [new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })];
  }
  const variables = request.variables ?? {};
  const excess = surface.checkOperation({ document, operationName: request.operationName, variables, caller });
  if (excess.length > 0) return excess;
  // A subscription lasts; what it reads has a limit for each read.
  const contextValue = surface.createContext(caller, operation.operation === 'subscription' ? undefined : new ReadDeadline(surface.queryTimeoutMs));
  return { schema: surface.schema, document, operationName: request.operationName, variableValues: variables, contextValue };
}

/** Whether an error of a result is about the request's variables: Apollo Server reports those as BAD_USER_INPUT. */
function isVariableError(error: GraphQLError): boolean {
  return error.nodes?.length === 1 && error.nodes[0]?.kind === 'VariableDefinition' && error.extensions['code'] === undefined;
}

/** A result whose errors about variables carry the code that Apollo Server gives them. */
export function codedResult(result: ExecutionResult): ExecutionResult {
  if (!result.errors?.some(isVariableError)) return result;
  return { ...result, errors: result.errors.map((error) => (isVariableError(error) ? withCode(error, 'BAD_USER_INPUT') : error)) };
}

/** Executes a query or mutation. */
export async function executeOperation(operations: CompiledOperations, args: ExecutionArgs): Promise<ExecutionResult> {
  return codedResult(await operations.execute(args));
}
