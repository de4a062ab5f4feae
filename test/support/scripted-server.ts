import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type WebSocket, WebSocketServer } from 'ws';

/** One operation that a client began. */
export interface ScriptedOperation {
  /** Name of the operation, e.g. `WatchChanges`. */
  readonly name: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly connection: ScriptedConnection;
  /** A result; `data` or `errors`. */
  next(payload: { data?: unknown; errors?: readonly unknown[] }): void;
  /** The operation is refused before it begins. */
  error(errors: readonly unknown[]): void;
  complete(): void;
}

export interface ScriptedConnection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Payload of connection_init. */
  readonly params: unknown;
  /** Resolves with the close code when the client is gone. */
  readonly closed: Promise<number>;
}

export interface Script {
  /** What to do about each operation. */
  readonly onOperation?: (operation: ScriptedOperation) => void;
  /** What to do at connection_init, instead of acknowledging it. */
  readonly onInit?: (connection: ScriptedConnection) => void;
  /** Whether pings are answered. Default true. */
  readonly answersPings?: boolean;
  /** HTTP status with which the nth upgrade (from 1) is answered; undefined: it is taken. */
  readonly refuseUpgrade?: (nth: number) => number | undefined;
}

export interface ScriptedServer {
  readonly url: string;
  readonly connections: readonly ScriptedConnection[];
  readonly operations: readonly ScriptedOperation[];
  /** The operations of this name, when there are so many. */
  until(name: string, count?: number): Promise<ScriptedOperation>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly query?: string; readonly variables?: Record<string, unknown> };
}

/** A server that speaks graphql-transport-ws and answers as a test says: for what no server does when asked. */
export async function scriptedServer(script: Script = {}): Promise<ScriptedServer> {
  let upgrades = 0;
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: () => 'graphql-transport-ws',
    verifyClient: (_info, answer) => {
      const status = script.refuseUpgrade?.((upgrades += 1));
      answer(status === undefined, status);
    },
  });
  await once(server, 'listening');
  const connections: ScriptedConnection[] = [];
  const operations: ScriptedOperation[] = [];
  const waiting: (() => void)[] = [];

  server.on('connection', (socket, request) => {
    const connection = { socket, request, params: undefined as unknown, closed: once(socket, 'close').then(([code]) => Number(code)) };
    connections.push(connection);
    const send = (message: unknown): void => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    };
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse(String(data)) as Message;
      if (type === 'ping' && script.answersPings !== false) send({ type: 'pong' });
      if (type === 'connection_init') {
        connection.params = payload;
        if (script.onInit) script.onInit(connection);
        else send({ type: 'connection_ack' });
      }
      if (type !== 'subscribe') return;
      const operation: ScriptedOperation = {
        name: /^\s*\w+ (\w+)/.exec(payload?.query ?? '')?.[1] ?? '',
        variables: payload?.variables ?? {},
        connection,
        next: (result) => send({ id, type: 'next', payload: result }),
        error: (errors) => send({ id, type: 'error', payload: errors }),
        complete: () => send({ id, type: 'complete' }),
      };
      operations.push(operation);
      for (const look of waiting.splice(0)) look();
      script.onOperation?.(operation);
    });
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    connections,
    operations,
    async until(name, count = 1) {
      for (;;) {
        const found = operations.filter((operation) => operation.name === name);
        const wanted = found[count - 1];
        if (wanted) return wanted;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
