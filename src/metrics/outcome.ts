/**
 * How an operation ended. `ok`: without an error. `refused`: by what the client asked (syntax, validation, limits, bad
 * input, permission). `failed`: by the server or its database. With errors of both kinds it is `failed`.
 */
export type Outcome = 'ok' | 'refused' | 'failed';

/** `extensions.code` of errors that no client can help. */
const OURS: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'DATABASE_UNAVAILABLE', 'QUERY_TIMEOUT', 'UNAVAILABLE']);

interface ShownError {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** @param errors as the client is sent them */
export function outcomeOf(errors: readonly ShownError[] | undefined): Outcome {
  if (errors === undefined || errors.length === 0) return 'ok';
  return errors.some(({ extensions }) => extensions?.['code'] === undefined || OURS.has(extensions['code'])) ? 'failed' : 'refused';
}
