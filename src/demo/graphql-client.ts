import { setTimeout as delay } from 'node:timers/promises';

/** The API answered, and the answer was an error: asking again would not help. */
export class GraphQLResponseError extends Error {
  override name = 'GraphQLResponseError';

  constructor(
    message: string,
    /** `extensions.code` of the first error, where there is one. */
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** The API did not answer, or only with server errors, for as long as retries were allowed. */
export class ApiUnreachableError extends Error {
  override name = 'ApiUnreachableError';
}

export interface GraphQLClientOptions {
  /** How long network trouble and 5xx answers are retried before ApiUnreachableError, in ms. Default 15,000. */
  retryForMs?: number;
  /** Limit of a single try, in ms. Default 10,000. */
  timeoutMs?: number;
  /** Aborting it ends running requests and waits. */
  signal?: AbortSignal;
}

interface GraphQLBody {
  data?: unknown;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/**
 * GraphQL over HTTP with Node's own fetch, whose connections are kept alive.
 * A request may reach the API twice when an answer is lost, so callers send only what may be repeated.
 */
export class GraphQLClient {
  readonly #retryForMs: number;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    readonly url: string,
    options: GraphQLClientOptions = {},
  ) {
    this.#retryForMs = options.retryForMs ?? 15_000;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#signal = options.signal;
  }

  /**
   * The operation's `data`.
   * @throws GraphQLResponseError, ApiUnreachableError, or the signal's reason.
   */
  async request<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const giveUpAt = Date.now() + this.#retryForMs;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        return (await this.#try(query, variables)) as Data;
      } catch (error) {
        this.#signal?.throwIfAborted();
        if (error instanceof GraphQLResponseError) throw error;
        if (Date.now() + wait > giveUpAt) throw new ApiUnreachableError(`${this.url} does not answer`, { cause: error });
        await delay(wait, undefined, { signal: this.#signal });
      }
    }
  }

  async #try(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: this.#signal === undefined ? timeout : AbortSignal.any([this.#signal, timeout]),
    });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
    const body = parseBody(text, response.status);
    const [first] = body.errors ?? [];
    if (first !== undefined) throw new GraphQLResponseError(first.message, first.extensions?.code);
    return body.data;
  }
}

function parseBody(text: string, status: number): GraphQLBody {
  try {
    return JSON.parse(text) as GraphQLBody;
  } catch {
    throw new GraphQLResponseError(`HTTP ${status} without a GraphQL answer: ${text.slice(0, 120)}`, undefined);
  }
}
