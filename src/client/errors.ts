/** What ends a watch. `code` is stable. */
export abstract class WatchError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * The server refuses what is asked, and asking again would not help. `code` is the `extensions.code` of its error
 * (`INVALID_INPUT`, `GRAPHQL_VALIDATION_FAILED`, …), `UNAUTHORIZED` or `FORBIDDEN` where it refuses the caller, or
 * `PROTOCOL` where it does not speak GraphQL over WebSocket as it should: at the very first connection also where
 * something answers that is no TaskTracker.
 */
export class WatchRefusedError extends WatchError {
  constructor(
    message: string,
    readonly code: string,
    /** `extensions` of the server's error, e.g. `field`, the path of the argument that is wrong. */
    readonly extensions: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The server could not be reached, or could not serve, for as many tries as were allowed. `cause` is the last failure. */
export class ServerUnreachableError extends WatchError {
  readonly code = 'UNREACHABLE';
}

/** More executions match than the watch may list: narrow the filter, raise `maxTasks`, or watch with `list: false`. */
export class TooManyTasksError extends WatchError {
  readonly code = 'TOO_MANY_TASKS';
}

/** No WebSocket implementation is at hand: pass `webSocketImpl`. */
export class NoWebSocketError extends WatchError {
  readonly code = 'NO_WEB_SOCKET';
}

export interface GraphQLFailure {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The server answered an operation with errors. Inside the client only. */
export class OperationFailedError extends Error {
  override name = 'OperationFailedError';
  readonly code: string | undefined;

  constructor(readonly failure: GraphQLFailure) {
    super(failure.message);
    const code = failure.extensions?.['code'];
    this.code = typeof code === 'string' ? code : undefined;
  }
}

/** The connection is gone or never came up. Inside the client only. */
export class ConnectionLostError extends Error {
  override name = 'ConnectionLostError';

  constructor(
    message: string,
    /** WebSocket close code, where there was one. */
    readonly closeCode: number | undefined,
    /** Whether the server had taken it before. */
    readonly acknowledged = false,
  ) {
    super(message);
  }
}
