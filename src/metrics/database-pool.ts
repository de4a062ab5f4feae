import { Counter, Histogram, type Registry } from 'prom-client';

import { readGauge } from './gauges.js';

/** The part of the driver's client that says what its connection pools do (CMAP events). */
export interface PoolEvents {
  on(event: string, listener: (event: PoolEvent) => void): unknown;
}

interface PoolEvent {
  readonly address: string;
  readonly connectionId?: number | '<monitor>';
  readonly reason?: string;
  readonly durationMS?: number;
}

/** In seconds. */
const WAITS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5];

/**
 * The driver's connection pools, all servers together. Nothing is asked of the driver: it tells.
 *
 * @returns what must be given the client before it connects
 */
export function registerPoolMetrics(registry: Registry): (client: PoolEvents) => void {
  const open = new Set<string>();
  const inUse = new Set<string>();
  const registers = [registry];
  readGauge(registry, {
    name: 'tasktracker_database_connections',
    help: 'Connections to the database. state: in_use, idle.',
    labelNames: ['state'],
    read: () => [
      { labels: { state: 'in_use' }, value: inUse.size },
      { labels: { state: 'idle' }, value: Math.max(0, open.size - inUse.size) },
    ],
  });
  const waits = new Histogram({
    name: 'tasktracker_database_checkout_duration_seconds',
    help: 'How long an operation waited for a connection of the pool.',
    buckets: WAITS,
    registers,
  });
  const failures = new Counter({ name: 'tasktracker_database_checkout_failures_total', help: 'Operations that got no connection, by reason of the driver.', labelNames: ['reason'], registers });
  const cleared = new Counter({ name: 'tasktracker_database_pools_cleared_total', help: 'How often the pool of a server was given up because of an error.', registers });

  const keyOf = ({ address, connectionId }: PoolEvent): string => `${address} ${connectionId ?? ''}`;
  return (client) => {
    client.on('connectionCreated', (event) => open.add(keyOf(event)));
    client.on('connectionClosed', (event) => {
      open.delete(keyOf(event));
      inUse.delete(keyOf(event));
    });
    client.on('connectionCheckedOut', (event) => {
      inUse.add(keyOf(event));
      waits.observe((event.durationMS ?? 0) / 1000);
    });
    client.on('connectionCheckedIn', (event) => inUse.delete(keyOf(event)));
    client.on('connectionCheckOutFailed', (event) => failures.inc({ reason: event.reason ?? 'unknown' }));
    client.on('connectionPoolCleared', () => cleared.inc());
  };
}
