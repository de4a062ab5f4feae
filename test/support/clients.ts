import { once } from 'node:events';

import type { ExecutionResult } from 'graphql';
import { type Client, createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';

/** What a GraphQL endpoint answered over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ExecutionResult & { readonly errors?: readonly { message: string; extensions?: Record<string, unknown> }[] };
}

/** One operation over HTTP, by POST. */
export async function post(url: string, query: string, variables?: Record<string, unknown>, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as HttpAnswer['body'] };
}

/** The data of an operation over HTTP; throws where there are errors. */
export async function dataOf<T>(url: string, query: string, variables?: Record<string, unknown>): Promise<T> {
  const { body } = await post(url, query, variables);
  if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors));
  return body.data as T;
}

export function webSocketUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}

/** The real graphql-ws client. Tests end it with `dispose()`. */
export function webSocketClient(url: string, options: { retryAttempts?: number; onClosed?: (event: unknown) => void } = {}): Client {
  return createClient({
    url: webSocketUrl(url),
    webSocketImpl: WebSocket,
    retryAttempts: options.retryAttempts ?? 0,
    lazy: true,
    ...(options.onClosed ? { on: { closed: options.onClosed } } : {}),
  });
}

/** One query or mutation over WebSocket: the first result. Rejects with the protocol's errors. */
export async function overWebSocket(client: Client, payload: SubscribePayload): Promise<ExecutionResult> {
  for await (const result of client.iterate(payload)) return result as ExecutionResult;
  throw new Error('The operation completed without a result.');
}

/** A socket that speaks no protocol by itself, for what no proper client sends. */
export class RawSocket {
  readonly messages: unknown[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #arrived: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })));
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      for (const tell of this.#arrived.splice(0)) tell();
    });
    socket.on('error', () => undefined);
  }

  static async open(url: string, options: { protocol?: string | string[]; origin?: string; autoPong?: boolean; headers?: Record<string, string> } = {}): Promise<RawSocket> {
    const { protocol = 'graphql-transport-ws', ...rest } = options;
    const raw = new RawSocket(new WebSocket(webSocketUrl(url), protocol, rest));
    await once(raw.socket, 'open');
    return raw;
  }

  /** Opened and acknowledged. */
  static async acknowledged(url: string, payload?: Record<string, unknown>): Promise<RawSocket> {
    const raw = await RawSocket.open(url);
    raw.send({ type: 'connection_init', ...(payload && { payload }) });
    await raw.until((message) => message.type === 'connection_ack');
    return raw;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message, of those that came and those that come, that `wanted` accepts. */
  async until(wanted: (message: RawMessage) => boolean): Promise<RawMessage> {
    for (let at = 0; ; at += 1) {
      while (at >= this.messages.length) await new Promise<void>((resolve) => this.#arrived.push(resolve));
      const message = this.messages[at] as RawMessage;
      if (wanted(message)) return message;
    }
  }
}

export interface RawMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** The HTTP status with which an upgrade is refused. */
export async function upgradeStatus(url: string, options: { origin?: string } = {}): Promise<number> {
  const socket = new WebSocket(webSocketUrl(url), 'graphql-transport-ws', options);
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
      request.destroy();
    });
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('error', reject);
  });
}
