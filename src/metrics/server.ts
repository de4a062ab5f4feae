import type { Registry } from 'prom-client';

import { readCounter, readGauge, single } from './gauges.js';
import type { ServerCounts } from './server-counts.js';

export function registerServerMetrics(registry: Registry, counts: ServerCounts): void {
  readGauge(registry, { name: 'tasktracker_websocket_connections', help: 'Open WebSocket connections.', read: () => single(counts.connections) });
  readCounter(registry, { name: 'tasktracker_websocket_connections_total', help: 'WebSocket connections opened.', read: () => single(counts.connectionsOpened) });
  readCounter(registry, {
    name: 'tasktracker_websocket_upgrades_refused_total',
    help: 'Upgrades to WebSocket refused, by error code.',
    labelNames: ['code'],
    read: () => [...counts.upgradesRefused].map(([code, value]) => ({ labels: { code }, value })),
  });
  readCounter(registry, {
    name: 'tasktracker_operations_rate_limited_total',
    help: 'Operations refused with RATE_LIMITED. way: http, websocket, export.',
    labelNames: ['way'],
    read: () => [...counts.operationsRateLimited].map(([way, value]) => ({ labels: { way }, value })),
  });
  readCounter(registry, {
    name: 'tasktracker_websocket_messages_sent_total',
    help: 'Messages sent over WebSocket. kind: event (of a subscription, counted for each client), answer (all others).',
    labelNames: ['kind'],
    read: () => [
      { labels: { kind: 'event' }, value: counts.eventsSent },
      { labels: { kind: 'answer' }, value: counts.answersSent },
    ],
  });
  readGauge(registry, { name: 'tasktracker_websocket_queued_bytes', help: 'Bytes of events that wait for clients that do not read.', read: () => single(counts.queuedBytes()) });
  readCounter(registry, { name: 'tasktracker_slow_consumers_total', help: 'Subscriptions ended with SLOW_CONSUMER.', read: () => single(counts.slowConsumers) });
  readGauge(registry, { name: 'tasktracker_exports_running', help: 'Exports that run.', read: () => single(counts.exports) });
}
