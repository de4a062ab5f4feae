import type { IncomingMessage } from 'node:http';

import type { Caller } from '../../access/caller.js';
import { isRole } from '../../access/role.js';
import type { ClientAddresses } from '../client-address.js';
import type { Authentication } from './authentication.js';
import { bearerOf, bearerOfParams } from './bearer.js';
import { UnauthenticatedError } from './errors.js';
import type { Grant } from './grant.js';

/** The payload of `connection_init`. */
export type ConnectionParams = Readonly<Record<string, unknown>>;

/**
 * How a host's server says who asks, in place of keys and tokens: the caller; null refuses.
 * @param params the payload of `connection_init`, where it is a WebSocket
 */
export type HostAuthenticate = (request: IncomingMessage, params?: ConnectionParams) => Caller | null | Promise<Caller | null>;

/** A caller of a host who is none (a misspelt role) may do nothing. */
function checked(caller: Caller): Caller {
  if (!isRole(caller.role) || typeof caller.name !== 'string' || caller.queues === undefined || caller.expiresAt === undefined) {
    throw new TypeError('authenticate: a caller has name, role, queues (a QueueScope or null) and expiresAt (a Date or null).');
  }
  return caller;
}

/** Who makes a request or opens a connection: by what they show, or by what the host of a mount says. */
export class Callers {
  readonly #authentication: Authentication;
  readonly #addresses: ClientAddresses;
  readonly #hosts = new WeakMap<IncomingMessage, HostAuthenticate>();

  constructor(authentication: Authentication, addresses: ClientAddresses) {
    this.#authentication = authentication;
    this.#addresses = addresses;
  }

  /** From here on the host says who makes this request. */
  askHost(request: IncomingMessage, authenticate: HostAuthenticate): void {
    this.#hosts.set(request, authenticate);
  }

  /** Whether strangers are kept out. */
  asks(request: IncomingMessage): boolean {
    return this.#authentication.required || this.#hosts.has(request);
  }

  /** @throws AuthenticationError */
  async ofRequest(request: IncomingMessage): Promise<Grant> {
    const host = await this.#ofHost(request);
    return host ?? this.#byToken(request, () => bearerOf(request.headers.authorization));
  }

  /**
   * @param request the one that was upgraded
   * @throws AuthenticationError
   */
  async ofConnection(request: IncomingMessage, params: ConnectionParams | undefined): Promise<Grant> {
    const host = await this.#ofHost(request, params);
    return host ?? this.#byToken(request, () => bearerOfParams(params) ?? bearerOf(request.headers.authorization));
  }

  /** What a header says is nobody's business while no authentication is configured. */
  #byToken(request: IncomingMessage, token: () => string | null): Promise<Grant> {
    const { required } = this.#authentication;
    return this.#authentication.authenticate(required ? token() : null, this.#addresses.of(request));
  }

  async #ofHost(request: IncomingMessage, params?: ConnectionParams): Promise<Grant | null> {
    const authenticate = this.#hosts.get(request);
    if (authenticate === undefined) return null;
    const caller = await authenticate(request, params);
    if (caller === null) throw new UnauthenticatedError('Show who you are.', false);
    return { caller: checked(caller), revoked: null };
  }
}
