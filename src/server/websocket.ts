import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';

import { audienceOf } from '../access/caller.js';
import { SlowConsumerError } from '../feed/errors.js';
import type { OperationContext } from '../graphql/context.js';
import type { CompiledOperations } from '../graphql/execution/compiled-operations.js';
import type { TaskTrackerSurface } from '../graphql/surface.js';
import type { Metrics } from '../metrics/metrics.js';
import { ServerCounts } from '../metrics/server-counts.js';
import type { OperationSpans } from '../telemetry/operation-spans.js';
import { AddressLimit } from './address-limit.js';
import type { AllowedHosts } from './allowed-hosts.js';
import type { Callers } from './auth/callers.js';
import { ConnectionCaller } from './auth/connection-caller.js';
import type { ClientAddresses } from './client-address.js';
import { Connection, type OperationKind } from './connection.js';
import type { Documents } from './documents.js';
import { ConnectionWriter } from './fan-out/connection-writer.js';
import { QueuedPayloads } from './fan-out/queued-payloads.js';
import { SharedSubscriptions, type Subscription } from './fan-out/shared-subscriptions.js';
import { WriteRounds } from './fan-out/write-rounds.js';
import { keepAlive } from './keep-alive.js';
import { OperationObserver } from './operation-observer.js';
import { codedResult, executeOperation, prepareOperation } from './operations.js';
import type { OperationRate } from './rate/operation-rate.js';
import type { TrustedDocuments } from './trusted/trusted-documents.js';
import { pathOf, refusalOf, refuse, SHUTTING_DOWN, tooManyConnections, type UpgradeRefusal } from './upgrade.js';

/** WebSocket close code of a server that is going away (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
/** How long a client has to answer a close frame before its connection is cut. */
const CLOSE_TIMEOUT_MS = 1_000;
/** Many connections of one client are worth a line in the log, not one each. */
const WARN_EVERY_MS = 60_000;

export interface WebSocketOptions {
  readonly surface: TaskTrackerSurface;
  readonly documents: Documents;
  readonly operations: CompiledOperations;
  readonly callers: Callers;
  /** How many operations callers may send; one for all transports. */
  readonly rate: OperationRate;
  /** The only documents that are run; null: any. */
  readonly trusted: TrustedDocuments | null;
  /** The one path that is upgraded. */
  readonly path: string;
  /** Origins of other sites whose pages may connect. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: AllowedHosts;
  readonly addresses: ClientAddresses;
  /** Largest message taken, in bytes; a larger one closes the connection with 1009. */
  readonly maxPayload: number;
  /** How long a client may stay silent before its connection_init, in ms; then 4408. */
  readonly connectionInitTimeoutMs: number;
  /** Time between pings, in ms; a client that leaves one unanswered for as long is dropped. */
  readonly keepAliveMs: number;
  /** Events that may wait for one subscription while its client does not read; then it ends with SLOW_CONSUMER. */
  readonly subscriberQueue: number;
  /** Bytes that may wait for one connection in the queues of its subscriptions; the one that exceeds it is SLOW_CONSUMER. */
  readonly connectionQueueBytes: number;
  /** Bytes that may wait for all connections together, each event counted once. */
  readonly queueBytes: number;
  /** Subscriptions that one connection may have, and queries and mutations that may be in flight on it. */
  readonly maxSubscriptionsPerConnection: number;
  /** Connections of one client address; further ones are refused with 429. 0: any number. */
  readonly maxConnectionsPerAddress: number;
  readonly metrics?: Pick<Metrics, 'counts' | 'operations'> | undefined;
  readonly spans?: OperationSpans | undefined;
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
  const { surface, documents, operations, log, spans } = options;
  const connections = new Map<WebSocket, Connection>();
  const rounds = new WriteRounds();
  const queued = new QueuedPayloads(options.queueBytes);
  const counts = options.metrics?.counts ?? new ServerCounts();
  counts.queuedBytes = () => queued.bytes;
  const observer = new OperationObserver(options.metrics?.operations, spans);
  const places = new AddressLimit(options.maxConnectionsPerAddress);
  let lastWarnedAt = -Infinity;
  let closing = false;

  const format = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => surface.formatError(error.toJSON(), error));

  const shown = (result: ExecutionResult): object => (result.errors ? { ...result, errors: format(result.errors) } : result);

  const contextOf = (args: ExecutionArgs) => args.contextValue as OperationContext;
  const subscriptions = new SharedSubscriptions({
    createContext: (args) => surface.createContext(contextOf(args).caller),
    audienceOf: (args) => audienceOf(contextOf(args).caller),
    shown,
    observed: spans && ((args, event, render) => spans.event(() => getOperationAST(args.document, args.operationName)?.name?.value, event, render)),
    queueLimit: options.subscriberQueue,
    tooSlow: (cursor) => {
      const next = cursor === null ? 'nothing had been sent yet, so list again' : 'subscribe again after the given cursor';
      const error = new SlowConsumerError(`This client reads too slowly: ${next}.`, cursor ?? undefined);
      counts.slowConsumers += 1;
      log.info({ cursor }, 'a subscription ended: its client reads too slowly');
      return { errors: [new GraphQLError(error.message, { originalError: error })] };
    },
  });
  /** Which subscription of which connection an operation is, from its acceptance until it starts. */
  const accepted = new WeakMap<ExecutionArgs, Subscription>();

  const subscribe = async (args: ExecutionArgs) => {
    const subscription = accepted.get(args);
    if (subscription === undefined) throw new Error('a subscription starts that was not accepted');
    const result = await observer.run(args, () => subscriptions.subscribe(args, subscription));
    if (!(Symbol.asyncIterator in result)) return codedResult(result);
    observer.subscribed(args);
    return result;
  };

  const protocol = makeServer<Record<string, unknown> | undefined, Connection>({
    connectionInitWaitTimeout: options.connectionInitTimeoutMs,
    onConnect: ({ extra: connection, connectionParams }) => connection.identity.admit(connectionParams),
    onSubscribe: ({ extra: connection }, id, payload) => {
      if (closing) return [new GraphQLError('The server is shutting down.', { extensions: { code: 'UNAVAILABLE' } })];
      observer.begin(payload);
      const tooFast = options.rate.refusalOf(connection.identity.caller, connection.address, 'websocket');
      if (tooFast !== null) return [tooFast.error];
      const sent = options.trusted === null ? payload : options.trusted.read(payload);
      if (!('query' in sent)) return sent;
      const prepared = prepareOperation(surface, documents, sent, connection.identity.caller);
      if ('document' in prepared) {
        observer.accepted(payload, prepared);
        const isSubscription = getOperationAST(prepared.document, prepared.operationName)?.operation === 'subscription';
        const kind = isSubscription ? 'subscription' : 'request';
        if (!connection.begin(kind, payload)) return [tooManyOperations(kind, connection.limit)];
        const { deadline } = contextOf(prepared);
        if (deadline !== null) connection.reads.begin(id, payload, deadline);
        if (isSubscription) accepted.set(prepared, { id, writer: connection.writer });
      }
      return prepared;
    },
    onComplete: ({ extra: connection }, id, payload) => {
      connection.end(payload);
      connection.reads.end(id, payload);
      observer.ended(payload);
    },
    execute: (args) => observer.run(args, () => executeOperation(operations, args)),
    subscribe,
    onError: (_ctx, _id, payload, errors) => {
      const formatted = format(errors);
      observer.refused(payload, formatted);
      return formatted;
    },
    onNext: (_ctx, _id, _payload, args, result) => {
      const answer = shown(result) as ReturnType<typeof codedResult>;
      observer.answered(args, answer);
      return answer;
    },
  });

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxPayload,
    handleProtocols: (offered) => handleProtocols(offered),
  });

  sockets.on('connection', (socket: WebSocket, stream: Duplex, request: IncomingMessage) => {
    const writer = new ConnectionWriter(stream, options.connectionQueueBytes, rounds, queued, counts);
    const close = (code: number, reason: string) => {
      writer.flush();
      socket.close(code, reason);
    };
    const connection = new Connection(writer, options.maxSubscriptionsPerConnection, new ConnectionCaller({ callers: options.callers, request, close }), options.addresses.of(request));
    connections.set(socket, connection);
    counts.connections = connections.size;
    counts.connectionsOpened += 1;
    const fail = (error: unknown) => {
      log.error({ err: error }, 'a WebSocket message could not be handled');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    };
    // A frame that breaks the protocol or a connection that drops: ws closes the socket itself.
    socket.on('error', (error) => log.debug({ err: error }, 'WebSocket error'));
    const holdBackIfOverfull = () => {
      if (writer.overfull && !socket.isPaused) holdBack(socket, writer);
    };
    // ws answers a ping frame by itself.
    socket.on('ping', holdBackIfOverfull);
    const stopPinging = keepAlive(socket, options.keepAliveMs);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          if (socket.readyState !== socket.OPEN) return Promise.resolve();
          const sent = writer.send(data);
          holdBackIfOverfull();
          return sent;
        },
        close: (code, reason) => close(code ?? CloseCode.InternalServerError, reason ?? ''),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            const message = String(data);
            connection.reads.see(message);
            handle(message).catch((error: unknown) => {
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
      counts.connections = connections.size;
      connection.abandon();
      closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be cleaned up'));
    });
  });

  const warnOfMany = (address: string) => {
    if (performance.now() - lastWarnedAt < WARN_EVERY_MS) return;
    lastWarnedAt = performance.now();
    const limit = options.maxConnectionsPerAddress;
    log.warn({ address, limit }, 'WebSocket connections refused: one address has too many (behind a proxy all clients have its address, unless TASKTRACKER_TRUSTED_PROXIES names it)');
  };

  return {
    get connections() {
      return connections.size;
    },
    upgrade(request, socket, head) {
      const onError = (error: Error) => log.debug({ err: error }, 'connection error before the upgrade');
      socket.on('error', onError);
      const turnAway = (refusal: UpgradeRefusal) => {
        counts.upgradeRefused(refusal.code);
        const { origin, host } = request.headers;
        log.debug({ code: refusal.code, client: options.addresses.of(request), origin, host, path: pathOf(request) }, 'WebSocket upgrade refused');
        refuse(socket, refusal);
      };
      const refusal = closing ? SHUTTING_DOWN : refusalOf(request, options);
      if (refusal !== undefined) {
        turnAway(refusal);
        return;
      }
      const address = options.addresses.of(request);
      const leave = places.take(address);
      if (leave === null) {
        warnOfMany(address);
        turnAway(tooManyConnections(options.maxConnectionsPerAddress));
        return;
      }
      socket.once('close', leave);
      socket.off('error', onError);
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, socket, request));
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

function tooManyOperations(kind: OperationKind, limit: number): GraphQLError {
  if (kind === 'subscription') {
    const message = `This connection has as many subscriptions as one may have (${limit}): complete some, or open another connection.`;
    return new GraphQLError(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } });
  }
  const message = `This connection has as many queries and mutations in flight as one may have (${limit}): wait for some to end.`;
  return new GraphQLError(message, { extensions: { code: 'TOO_MANY_REQUESTS' } });
}

/** Takes no further messages from a client that does not read the answers to those it sent. */
function holdBack(socket: WebSocket, writer: ConnectionWriter): void {
  socket.pause();
  writer.whenRelieved(() => {
    if (writer.overfull) holdBack(socket, writer);
    else socket.resume();
  });
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
