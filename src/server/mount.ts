import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import type { HostAuthenticate } from './auth/callers.js';
import { errorBody } from './errors.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { pathOf, refuse, SHUTTING_DOWN } from './upgrade.js';

/** Where an application is mounted in a host's server. */
export interface MountOptions {
  /**
   * Path of the mount as the host's server sees it, e.g. `/tasktracker`. Default: '', the root, which is also right where
   * the host takes the path off before it calls (as Express's `use` does).
   */
  readonly path?: string | undefined;
  /**
   * Who makes a request or opens a WebSocket, as the host knows it: instead of the API keys and tokens of the application.
   * Default: those; where none are configured nobody is asked, and it is for the host to keep strangers out.
   */
  readonly authenticate?: HostAuthenticate | undefined;
}

/**
 * Serves a request at the mount or below it. What is not below goes to `next`, or is answered with 404 where there is none.
 * For `http.createServer`, for Express, and for everything that calls a handler in the manner of either.
 */
export type MountedHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void;

/** The application's own way to serve, from the root. */
export interface Mountable {
  request(request: IncomingMessage, response: ServerResponse, authenticate: HostAuthenticate | undefined): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate: HostAuthenticate | undefined): void;
  /** The one path that is upgraded, from the root. */
  readonly webSocketPath: string;
}

/** `/a/b` for `a/b/`, and '' for the root. */
function normalised(path: string): string {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((name) => `/${name}`).join('');
}

/** The URL as it is from the mount; null where it is not at or below it. */
function below(path: string, url: string): string | null {
  if (path === '') return url;
  if (!url.startsWith(path)) return null;
  const rest = url.slice(path.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : null;
}

/** By which listeners of several mounts in one server know one another. */
const TAKES = Symbol('takes an upgrade');

type UpgradeListener = ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) & { readonly [TAKES]: (request: IncomingMessage) => boolean };

/**
 * Whether no listener of this server takes an upgrade, and `own` is the one to say so. What a listener of the host does is
 * not known: where it has one, it is the host's.
 */
function isNobodys(request: IncomingMessage, server: HttpServer, own: UpgradeListener): boolean {
  const listeners = server.listeners('upgrade') as Partial<UpgradeListener>[];
  return listeners[0] === own && listeners.every((listener) => listener[TAKES]?.(request) === false);
}

function answer(response: ServerResponse, status: number, message: string, code: string): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(errorBody(message, code)));
}

/**
 * An application in servers of others: any number of them, each under a path. The servers stay their owners': they listen,
 * bind, time out and close as those wish.
 */
export class Mounts {
  readonly #mountable: Mountable;
  readonly #running = new Set<ServerResponse>();
  readonly #detachers = new Set<() => void>();
  #closing = false;

  constructor(mountable: Mountable) {
    this.#mountable = mountable;
  }

  handler({ path = '', authenticate }: MountOptions = {}): MountedHandler {
    const at = normalised(path);
    return (request, response, next) => {
      const url = below(at, request.url ?? '/');
      if (url === null) {
        if (next === undefined) answer(response, 404, `There is nothing at ${request.method ?? ''} ${pathOf(request)}.`, 'NOT_FOUND');
        else next();
        return;
      }
      if (this.#closing) {
        answer(response, SHUTTING_DOWN.status, SHUTTING_DOWN.message, SHUTTING_DOWN.code);
        return;
      }
      const slashed = withSlash(request, url);
      if (slashed !== null) {
        response.writeHead(308, { ...SECURITY_HEADERS, location: slashed }).end();
        return;
      }
      this.#running.add(response);
      response.once('close', () => this.#running.delete(response));
      request.url = url;
      this.#mountable.request(request, response, authenticate);
    };
  }

  /**
   * Takes WebSockets of the mount from this server. Those of other paths are left to the host's own listeners.
   *
   * @returns how to stop; it is done at `close` in any case
   */
  attachWebSockets(server: HttpServer, { path = '', authenticate }: MountOptions = {}): () => void {
    const at = normalised(path);
    const { webSocketPath } = this.#mountable;
    const takes = (request: IncomingMessage): boolean => below(at, request.url ?? '/') !== null && (at !== '' || pathOf(request) === webSocketPath);
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (takes(request)) {
        request.url = below(at, request.url ?? '/') ?? '/';
        this.#mountable.upgrade(request, socket, head, authenticate);
      } else if (isNobodys(request, server, onUpgrade)) {
        refuse(socket, { status: 404, message: `Subscriptions are served at ${at}${webSocketPath}.`, code: 'NOT_FOUND' });
      }
    };
    const onUpgrade: UpgradeListener = Object.assign(upgrade, { [TAKES]: takes });
    server.on('upgrade', onUpgrade);
    const detach = (): void => {
      server.off('upgrade', onUpgrade);
      this.#detachers.delete(detach);
    };
    this.#detachers.add(detach);
    return detach;
  }

  /** Takes nothing more, and resolves when what is in flight has been answered, or after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    const answered = Promise.all([...this.#running].map((response) => new Promise((resolve) => response.once('close', resolve))));
    let late: NodeJS.Timeout | undefined;
    await Promise.race([
      answered,
      new Promise((resolve) => {
        late = setTimeout(resolve, timeoutMs);
      }),
    ]);
    clearTimeout(late);
    for (const response of this.#running) response.destroy();
    for (const detach of this.#detachers) detach();
  }
}

/**
 * Where the mount's root is asked for without the slash that its relative links need: relative, as a proxy may have put
 * more before it. Express keeps the URL that was asked for.
 */
function withSlash(request: IncomingMessage, url: string): string | null {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  if (url.split('?', 1)[0] !== '/') return null;
  const whole = (request as { readonly originalUrl?: string }).originalUrl ?? request.url ?? '/';
  const asked = whole.split('?', 1)[0] ?? '';
  if (asked.endsWith('/')) return null;
  return `./${asked.slice(asked.lastIndexOf('/') + 1)}/${whole.slice(asked.length)}`;
}
