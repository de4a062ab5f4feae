import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';

import { SlowConsumerError } from '../feed/errors.js';
import type { OperationContext } from '../graphql/context.js';
import type { TaskTrackerSurface } from '../graphql/surface.js';
import { Connection } from './connection.js';
import { ConnectionWriter } from './fan-out/connection-writer.js';
import { SharedSubscriptions, type Subscription } from './fan-out/shared-subscriptions.js';
import { codedResult, executeOperation, prepareOperation } from './operations.js';
import { isAllowedOrigin } from './origin.js';

/** WebSocket close code of a server that is going away (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
/** How long a client has to answer a close frame before its connection is cut. */
const CLOSE_TIMEOUT_MS = 1_000;

export interface WebSocketOptions {
  readonly surface: TaskTrackerSurface;
  /** The one path that is upgraded. */
  readonly path: string;
  /** Largest message taken, in bytes; a larger one closes the connection with 1009. */
  readonly maxPayload: number;
  /** How long a client may stay silent before its connection_init, in ms; then 4408. */
  readonly connectionInitTimeoutMs: number;
  /** Time between pings, in ms; a client that leaves one unanswered for as long is dropped. */
  readonly keepAliveMs: number;
  /** Events that may wait for one subscription while its client does not read; then it ends with SLOW_CONSUMER. */
  readonly subscriberQueue: number;
  readonly log: Logger;
}

/** GraphQL over WebSocket (the graphql-transport-ws protocol) for an HTTP server that hands over its upgrades. */
export interface GraphqlWebSockets {
  readonly connections: number;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more connections, lets queries and mutations in flight finish, then closes all with 1001. */
  close(timeoutMs: number): Promise<void>;
}

export function createGraphqlWebSockets(options: WebSocketOptions): GraphqlWebSockets {
  const { surface, log } = options;
  const connections = new Map<WebSocket, Connection>();
  let closing = false;

  const format = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => surface.formatError(error.toJSON(), error));

  const shown = (result: ExecutionResult): object => (result.errors ? { ...result, errors: format(result.errors) } : result);

  const contextOf = (args: ExecutionArgs) => args.contextValue as OperationContext;
  const subscriptions = new SharedSubscriptions({
    createContext: (args) => surface.createContext(contextOf(args).actor),
    audienceOf: (args) => contextOf(args).actor.name,
    shown,
    queueLimit: options.subscriberQueue,
    tooSlow: (cursor) => {
      const error = new SlowConsumerError('This client reads too slowly: subscribe again after the given cursor.', cursor ?? '');
      return { errors: [new GraphQLError(error.message, { originalError: error })] };
    },
  });
  /** Which subscription of which connection an operation is, from its acceptance until it starts. */
  const accepted = new WeakMap<ExecutionArgs, Subscription>();

  const subscribe = async (args: ExecutionArgs) => {
    const subscription = accepted.get(args);
    if (subscription === undefined) throw new Error('a subscription starts that was not accepted');
    const result = await subscriptions.subscribe(args, subscription);
    return Symbol.asyncIterator in result ? result : codedResult(result);
  };

  const protocol = makeServer<Record<string, unknown> | undefined, Connection>({
    connectionInitWaitTimeout: options.connectionInitTimeoutMs,
    onSubscribe: ({ extra: connection }, id, payload) => {
      if (closing) return [new GraphQLError('The server is shutting down.', { extensions: { code: 'UNAVAILABLE' } })];
      const prepared = prepareOperation(surface, payload);
      if ('document' in prepared) {
        const isSubscription = getOperationAST(prepared.document, prepared.operationName)?.operation === 'subscription';
        if (isSubscription) accepted.set(prepared, { id, writer: connection.writer });
        else connection.begin(payload);
      }
      return prepared;
    },
    onComplete: ({ extra: connection }, _id, payload) => connection.end(payload),
    execute: executeOperation,
    subscribe,
    onError: (_ctx, _id, _payload, errors) => format(errors),
    onNext: (_ctx, _id, _payload, _args, result) => shown(result) as ReturnType<typeof codedResult>,
  });

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxPayload,
    handleProtocols: (offered) => handleProtocols(offered),
  });

  sockets.on('connection', (socket: WebSocket, stream: Duplex) => {
    const connection = new Connection(new ConnectionWriter(stream));
    connections.set(socket, connection);
    const fail = (error: unknown) => {
      log.error({ err: error }, 'a WebSocket message could not be handled');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    };
    // A frame that breaks the protocol or a connection that drops: ws closes the socket itself.
    socket.on('error', (error) => log.debug({ err: error }, 'WebSocket error'));
    const stopPinging = keepAlive(socket, options.keepAliveMs);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => (socket.readyState === socket.OPEN ? connection.writer.send(data) : Promise.resolve()),
        close: (code, reason) => {
          connection.writer.flush();
          socket.close(code, reason);
        },
        onMessage: (handle) =>
          socket.on('message', (data) => {
            handle(String(data)).catch((error: unknown) => {
              // A send that fails because the client went away is no fault of ours.
              if (socket.readyState === socket.OPEN) fail(error);
            });
          }),
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      stopPinging();
      connections.delete(socket);
      connection.abandon();
      closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be cleaned up'));
    });
  });

  return {
    get connections() {
      return connections.size;
    },
    upgrade(request, socket, head) {
      const onError = (error: Error) => log.debug({ err: error }, 'connection error before the upgrade');
      socket.on('error', onError);
      const status = refusal(request, options.path, closing);
      if (status !== undefined) {
        log.debug({ status, origin: request.headers.origin, path: pathOf(request) }, 'WebSocket upgrade refused');
        refuse(socket, status);
        return;
      }
      socket.off('error', onError);
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, socket));
    },
    async close(timeoutMs) {
      closing = true;
      const late = delay(timeoutMs, undefined, { ref: false });
      const goodbye = async (socket: WebSocket, connection: Connection) => {
        await Promise.race([connection.idle(), late]);
        // The last message of an operation is handed to the socket right after its end.
        await nextTurn();
        connection.writer.flush();
        await sayGoodbye(socket);
      };
      await Promise.all([...connections].map(([socket, connection]) => goodbye(socket, connection)));
    },
  };
}

/** Closes with 1001; resolves when the connection has ended, which a silent client cannot put off. */
function sayGoodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) {
      resolve();
      return;
    }
    const cut = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(cut);
      resolve();
    });
    socket.close(GOING_AWAY, 'The server is shutting down');
  });
}

/** The HTTP status that an upgrade is refused with; undefined when it is welcome. */
function refusal(request: IncomingMessage, path: string, closing: boolean): number | undefined {
  if (closing) return 503;
  if (pathOf(request) !== path) return 404;
  return isAllowedOrigin(request.headers.origin, request.headers.host) ? undefined : 403;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Pings at intervals; cuts the connection of a client that did not answer the last one. Returns how to stop. */
function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
