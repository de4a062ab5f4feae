import type { IncomingMessage } from 'node:http';

import { CloseCode } from 'graphql-ws';

import type { Caller } from '../../access/caller.js';
import type { Callers, ConnectionParams } from './callers.js';
import { isAuthenticationError, UnauthenticatedError } from './errors.js';
import type { Grant } from './grant.js';

/** WebSocket close code of a server that cannot serve now, and may later (IANA's registry for RFC 6455). */
const TRY_AGAIN_LATER = 1013;
/** A close frame holds no more of a reason, in bytes. */
const MAX_REASON_BYTES = 123;
/** Timers of Node hold 31 bits of ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function reasonOf(text: string): string {
  return Buffer.from(text).subarray(0, MAX_REASON_BYTES).toString('utf8').replace(/\uFFFD+$/u, '');
}

export interface ConnectionCallerOptions {
  readonly callers: Callers;
  /** The one that was upgraded. */
  readonly request: IncomingMessage;
  readonly close: (code: number, reason: string) => void;
}

/**
 * Who opened a WebSocket connection. It is closed with 4403 where they do not show who they are, and when what they showed
 * expires or is taken back; with 1013 where that cannot be looked at now.
 */
export class ConnectionCaller {
  readonly #options: ConnectionCallerOptions;
  #grant: Grant | null = null;
  #timer: NodeJS.Timeout | null = null;
  #released = false;

  constructor(options: ConnectionCallerOptions) {
    this.#options = options;
  }

  /** To be asked for once it is admitted. */
  get caller(): Caller {
    if (this.#grant === null) throw new Error('an operation came from a connection that was not admitted');
    return this.#grant.caller;
  }

  /**
   * @param params the payload of `connection_init`
   * @returns false where the connection was closed instead
   */
  async admit(params: ConnectionParams | undefined): Promise<boolean> {
    const { callers, request, close } = this.#options;
    let grant: Grant;
    try {
      grant = await callers.ofConnection(request, params);
    } catch (error) {
      if (!isAuthenticationError(error)) throw error;
      close(error instanceof UnauthenticatedError ? CloseCode.Forbidden : TRY_AGAIN_LATER, reasonOf(error.message));
      return false;
    }
    // The client may have gone meanwhile.
    if (this.#released) return false;
    this.#grant = grant;
    grant.revoked?.addEventListener('abort', this.#onRevoked, { once: true });
    if (grant.caller.expiresAt !== null) this.#endAt(grant.caller.expiresAt.getTime());
    return true;
  }

  readonly #onRevoked = (): void => this.#options.close(CloseCode.Forbidden, 'The key was taken back.');

  #endAt(instant: number): void {
    const left = instant - Date.now();
    if (left <= 0) {
      this.#options.close(CloseCode.Forbidden, 'What this connection was opened with has expired.');
      return;
    }
    this.#timer = setTimeout(() => this.#endAt(instant), Math.min(left, LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  /** The connection is gone. */
  release(): void {
    this.#released = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#grant?.revoked?.removeEventListener('abort', this.#onRevoked);
  }
}
