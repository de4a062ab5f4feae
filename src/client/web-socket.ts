import { NoWebSocketError } from './errors.js';

/** What is used of a WebSocket: that of a browser, of Node ≥ 22, and of `ws` have it. */
interface WebSocketLike {
  addEventListener(type: 'error', listener: () => void): void;
}

/** A WebSocket class as of browsers, or `ws`. */
// What its constructor takes beyond the URL and the protocol differs between implementations.
export type WebSocketClass = new (url: string, protocols?: string | string[], options?: never) => object;

type AnyWebSocketClass = new (...args: unknown[]) => WebSocketLike;

export interface WebSocketChoice {
  readonly webSocketImpl?: WebSocketClass | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return typeof process?.versions?.node === 'string';
}

async function findClass({ webSocketImpl, headers }: WebSocketChoice, inNode: boolean): Promise<AnyWebSocketClass> {
  if (webSocketImpl !== undefined) return webSocketImpl as unknown as AnyWebSocketClass;
  const own = (globalThis as { readonly WebSocket?: unknown }).WebSocket as AnyWebSocketClass | undefined;
  const usable = headers === undefined ? own : undefined;
  if (!inNode) {
    if (usable !== undefined) return usable;
    throw new NoWebSocketError(
      headers === undefined
        ? 'There is no WebSocket here: pass one as webSocketImpl.'
        : 'A browser sends no headers with a WebSocket: pass what the server needs as connectionParams.',
    );
  }
  try {
    const { WebSocket } = (await import('ws')) as unknown as { readonly WebSocket: AnyWebSocketClass };
    return WebSocket;
  } catch (error) {
    if (usable !== undefined) return usable;
    throw new NoWebSocketError('The package `ws` is not installed: install it, or pass a WebSocket as webSocketImpl.', { cause: error });
  }
}

/**
 * The class to make WebSockets with: the given one, else in Node that of `ws`, which can send headers and says what a
 * server answered that is none, else the global one.
 * @throws NoWebSocketError; TypeError for a header that cannot be sent
 */
export async function webSocketClass(choice: WebSocketChoice, inNode = isNode()): Promise<WebSocketClass> {
  const Base = await findClass(choice, inNode);
  const headers = choice.headers === undefined ? undefined : Object.fromEntries(new Headers(choice.headers));
  class WatchSocket extends Base {
    constructor(url: unknown, protocols: unknown) {
      if (headers === undefined) super(url, protocols);
      else super(url, protocols, { headers });
      // `ws` reports a connection that is given up while it is being made as an error, and in Node one without a
      // listener ends the process.
      this.addEventListener('error', () => undefined);
    }
  }
  return WatchSocket as unknown as WebSocketClass;
}

/** The WebSocket URL of a GraphQL endpoint that is given by either scheme. */
export function webSocketUrl(url: string | URL): string {
  const parsed = new URL(url);
  parsed.protocol = parsed.protocol.replace(/^http/, 'ws');
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw new TypeError(`url: ${String(url)} must begin with http://, https://, ws:// or wss://`);
  }
  parsed.hash = '';
  return parsed.href;
}

/** A URL for people: without what may be secret in it. */
export function shownUrl(url: string | URL): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
