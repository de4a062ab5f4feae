/** What the API, or the way to it, answered instead of data. */
export interface ApiError {
  /** In words that can be shown. */
  readonly message: string;
  /** `extensions.code` of the API's error, or `NETWORK`. */
  readonly code: string;
}

interface FailureLike {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

interface CombinedErrorLike {
  readonly message: string;
  readonly networkError?: Error | undefined;
  readonly graphQLErrors?: readonly FailureLike[];
}

export function fromFailure({ message, extensions }: FailureLike): ApiError {
  const code = extensions?.['code'];
  return { message, code: typeof code === 'string' ? code : 'UNKNOWN' };
}

/** urql's error in our shape; null where there is none. */
export function fromCombined(error: CombinedErrorLike | undefined | null): ApiError | null {
  if (!error) return null;
  const [first] = error.graphQLErrors ?? [];
  if (first) return fromFailure(first);
  if (error.networkError) return { message: 'The server did not answer.', code: 'NETWORK' };
  return { message: error.message, code: 'UNKNOWN' };
}

/** Codes of what ends a subscription although subscribing again is right. An error without a code is one of these too. */
const PASSING = new Set(['CURSOR_EXPIRED', 'RESYNC_REQUIRED', 'SLOW_CONSUMER', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR', 'UNKNOWN']);

/** Whether the same subscription may succeed when it is asked for again. */
export function isPassing(error: ApiError): boolean {
  return PASSING.has(error.code);
}
