import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import type { AllowedHosts } from './allowed-hosts.js';
import { errorBody } from './errors.js';
import { isAllowedOrigin } from './origin.js';
import { SECURITY_HEADER_LINES } from './security-headers.js';

/** Why an upgrade to WebSocket, or whatever else is told without a framework, is refused. */
export interface UpgradeRefusal {
  /** HTTP status. */
  readonly status: number;
  readonly message: string;
  readonly code: string;
  /** After how many seconds it is worth trying again; absent where it is not. */
  readonly retryAfter?: number;
}

export const SHUTTING_DOWN: UpgradeRefusal = { status: 503, message: 'The server is shutting down.', code: 'UNAVAILABLE', retryAfter: 1 };

export const HOST_REFUSED: UpgradeRefusal = {
  status: 421,
  message: 'This server does not go by the name that the Host header holds. TASKTRACKER_ALLOWED_HOSTS lists the names that it is reached by.',
  code: 'HOST_REFUSED',
};

/** @param limit connections of one client address */
export function tooManyConnections(limit: number): UpgradeRefusal {
  return {
    status: 429,
    message: `This address has as many WebSocket connections as one client may have (${limit}): close some, or let them share one.`,
    code: 'TOO_MANY_CONNECTIONS',
    retryAfter: 10,
  };
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

export interface Welcome {
  /** The one path that is upgraded. */
  readonly path: string;
  /** Origins of other sites whose pages may connect. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: AllowedHosts;
}

/** Why this upgrade is refused whoever asks; undefined when it is welcome. */
export function refusalOf(request: IncomingMessage, { path, allowedOrigins, allowedHosts }: Welcome): UpgradeRefusal | undefined {
  if (!allowedHosts.allows(request)) return HOST_REFUSED;
  if (pathOf(request) !== path) {
    return { status: 404, message: `Subscriptions are served at ${path}.`, code: 'NOT_FOUND' };
  }
  if (isAllowedOrigin(request.headers.origin, request.headers.host, allowedOrigins)) return undefined;
  return { status: 403, message: 'Pages of another site may not connect.', code: 'ORIGIN_REFUSED' };
}

/** Answers and closes the connection, whether the client closes its side or not. */
export function refuse(socket: Duplex, { status, message, code, retryAfter }: UpgradeRefusal): void {
  const body = JSON.stringify(errorBody(message, code));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...SECURITY_HEADER_LINES,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
