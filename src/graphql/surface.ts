import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';

import type { Caller } from '../access/caller.js';
import { SensitivePaths } from '../access/mask.js';
import type { ReadDeadline } from '../queries/deadline.js';
import { DEFAULT_MAX_TIME_MS } from '../queries/executions.js';
import { createOperationContext, type OperationContext, type Services } from './context.js';
import { formatError } from './errors.js';
import { createLimits, type LimitOptions, type Limits } from './limits/index.js';
import { buildTaskTrackerSchema } from './schema.js';

/** All that a transport needs in order to serve the API: the same for HTTP and WebSocket. */
export interface TaskTrackerSurface extends Limits {
  readonly schema: GraphQLSchema;
  /** An error as a client may see it; `formatted` is what the transport has made of it so far. */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError;
  /** A context with loaders of its own: for one request (with a deadline), or for one event of a subscription. */
  createContext(caller: Caller, deadline?: ReadDeadline): OperationContext;
  /** How long one query or mutation may read, in ms. */
  readonly queryTimeoutMs: number;
}

export interface SurfaceOptions extends Partial<LimitOptions> {
  /** Places in metadata that are hidden from some roles: see SensitivePaths. Default: none. */
  readonly sensitiveMetadata?: readonly string[];
  /** How long one query or mutation may read, in ms. Default 10,000. */
  readonly queryTimeoutMs?: number;
}

/** graphql-js answers a misspelt name with those that it resembles: a schema that may not be asked about stays unnamed. */
function withoutSuggestion(error: GraphQLFormattedError): GraphQLFormattedError {
  return { ...error, message: error.message.replace(/ ?Did you mean [^?]*\?$/, '') };
}

/** The API over these services. Owns nothing: there is nothing to close. */
export async function createSurface(services: Services, limits: SurfaceOptions = {}): Promise<TaskTrackerSurface> {
  const schema = await buildTaskTrackerSchema();
  const sensitive = new SensitivePaths(limits.sensitiveMetadata ?? []);
  const format = (formatted: GraphQLFormattedError, error: unknown) => formatError(formatted, error, services.log);
  return {
    schema,
    ...createLimits(schema, limits),
    formatError: limits.introspection === false ? (formatted, error) => withoutSuggestion(format(formatted, error)) : format,
    createContext: (caller, deadline) => createOperationContext(services, caller, sensitive, deadline),
    queryTimeoutMs: limits.queryTimeoutMs ?? DEFAULT_MAX_TIME_MS,
  };
}
