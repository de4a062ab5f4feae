import { EventEmitter } from 'node:events';

import { describe, expect, it } from 'vitest';

import { createMetrics, type Metrics } from '../../../src/metrics/metrics.js';
import { outcomeOf } from '../../../src/metrics/outcome.js';
import { createFold } from '../../../src/stats/fold/fold.js';
import { type Fold, OTHER_QUEUES } from '../../../src/stats/fold/types.js';
import { type Execution, toExecution } from '../../../src/model/execution.js';
import { stored } from '../../support/feed.js';
import { parsePrometheus, valueIn } from '../../support/prometheus.js';
import { NO_FIGURES } from '../../../src/retention/types.js';
import { readyStatus } from '../../support/statistics-status.js';

const NOW = Date.UTC(2026, 10, 24, 12);

function metricsOf(options: { maxQueues?: number; maxOperations?: number } = {}): Metrics {
  return createMetrics({ version: '1.2.3', maxOperations: 3, maxQueues: 2, clock: () => NOW, ...options });
}

const scrape = async (metrics: Metrics) => parsePrometheus(await metrics.text());

/** Not `apply` with null first: a linter takes that for a function's. */
const add = (fold: Fold, execution: Execution) => fold.apply(...([null, execution] as const));

const foldWith = (...documents: Record<string, unknown>[]) => {
  const fold = createFold({ clock: () => NOW });
  documents.forEach((fields, index) => add(fold, toExecution({ _id: index, ...stored(`e${index}`, fields) })));
  return fold;
};

const LIVE = { state: 'LIVE', cursor: 'c', lagMs: 12, lastEventAt: new Date(NOW - 5_000), subscribers: 3, ringSize: 7, resyncs: 2, reason: null } as const;

describe('the metrics of an application', () => {
  it('name every family once, with help and type, also before anything has happened', async () => {
    const metrics = metricsOf();
    const families = await scrape(metrics);
    expect(valueIn(families, 'tasktracker_build_info', { version: '1.2.3' })).toBe(1);
    expect(families.get('tasktracker_graphql_request_duration_seconds')?.samples).toEqual([]);
    expect(valueIn(families, 'tasktracker_websocket_connections')).toBe(0);
    expect(valueIn(families, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    metrics.close();
  });

  it('are in a registry of their own for each application', async () => {
    const [one, other] = [metricsOf(), metricsOf()];
    one.counts.slowConsumers += 1;
    expect(valueIn(await scrape(one), 'tasktracker_slow_consumers_total')).toBe(1);
    expect(valueIn(await scrape(other), 'tasktracker_slow_consumers_total')).toBe(0);
    one.close();
    other.close();
  });

  it('show states one-hot, and ages in seconds', async () => {
    const metrics = metricsOf();
    const status = { ...readyStatus(), lastCheckpointAt: new Date(NOW - 90_000), lastReconciliationAt: new Date(NOW - 1_000), lastDrift: 4 };
    metrics.observe({ feed: { status: () => LIVE, lastAnswerAt: () => new Date(NOW - 250) }, statistics: { status: () => status, kept: () => null }, retention: { figures: () => NO_FIGURES }, deduplication: () => 'check', alerts: null });
    const families = await scrape(metrics);
    expect(families.get('tasktracker_feed_state')?.samples.map(({ labels, value }) => [labels['state'], value])).toEqual([
      ['STARTING', 0],
      ['LIVE', 1],
      ['RECONNECTING', 0],
      ['RESYNCING', 0],
      ['FAILED', 0],
    ]);
    expect(valueIn(families, 'tasktracker_feed_lag_seconds')).toBe(0.012);
    expect(valueIn(families, 'tasktracker_feed_last_answer_age_seconds')).toBe(0.25);
    expect(valueIn(families, 'tasktracker_feed_resyncs_total')).toBe(2);
    expect(valueIn(families, 'tasktracker_statistics_checkpoint_age_seconds')).toBe(90);
    expect(valueIn(families, 'tasktracker_statistics_drift_counts')).toBe(4);
    expect(valueIn(families, 'tasktracker_deduplication_mode', { mode: 'check' })).toBe(1);
    expect(valueIn(families, 'tasktracker_deduplication_mode', { mode: 'index' })).toBe(0);
    expect(families.get('tasktracker_queues')?.samples).toEqual([]);
    metrics.close();
  });

  it('leave out what is not known yet, instead of calling it zero', async () => {
    const metrics = metricsOf();
    const feed = { status: () => ({ ...LIVE, lagMs: null, lastEventAt: null }), lastAnswerAt: () => null };
    metrics.observe({ feed, statistics: { status: () => ({ ...readyStatus(), lastCheckpointAt: null, lastReconciliationAt: null }), kept: () => null }, retention: { figures: () => NO_FIGURES }, deduplication: () => 'index', alerts: null });
    const families = await scrape(metrics);
    for (const name of ['tasktracker_feed_lag_seconds', 'tasktracker_feed_last_answer_age_seconds', 'tasktracker_statistics_checkpoint_age_seconds', 'tasktracker_statistics_drift_counts']) {
      expect(families.get(name)?.samples, name).toEqual([]);
    }
    metrics.close();
  });
});

describe('metrics of queues', () => {
  const observed = (fold: ReturnType<typeof foldWith>, maxQueues = 2) => {
    const metrics = metricsOf({ maxQueues });
    metrics.observe({ feed: { status: () => LIVE, lastAnswerAt: () => null }, statistics: { status: () => readyStatus(), kept: () => fold }, retention: { figures: () => NO_FIGURES }, deduplication: () => 'index', alerts: null });
    return metrics;
  };

  it('give the largest queues series of their own, and sum up the rest as one', async () => {
    const fold = foldWith(
      { queueName: 'big', enqueuedAt: new Date(NOW - 60_000) },
      { queueName: 'big', enqueuedAt: new Date(NOW - 30_000) },
      { queueName: 'big', status: 'processing', processingStartedAt: new Date(NOW - 31 * 60_000) },
      { queueName: 'middle', status: 'dlq', failedAt: new Date(NOW) },
      { queueName: 'middle', status: 'mystery' },
      { queueName: 'small', enqueuedAt: new Date(NOW - 5_000) },
      { queueName: 'tiny', enqueuedAt: new Date(NOW - 9_000) },
    );
    const metrics = observed(fold);
    const families = await scrape(metrics);
    expect(valueIn(families, 'tasktracker_queues')).toBe(4);
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'big', status: 'queued' })).toBe(2);
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'middle', status: 'unknown' })).toBe(1);
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'small', status: 'queued' })).toBeUndefined();
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: OTHER_QUEUES, status: 'queued' })).toBe(2);
    expect(valueIn(families, 'tasktracker_queue_oldest_queued_age_seconds', { queue: 'big' })).toBe(60);
    expect(valueIn(families, 'tasktracker_queue_oldest_queued_age_seconds', { queue: 'middle' })).toBe(0);
    expect(valueIn(families, 'tasktracker_queue_oldest_queued_age_seconds', { queue: OTHER_QUEUES })).toBe(9);
    expect(valueIn(families, 'tasktracker_queue_stuck_executions', { queue: 'big' })).toBe(1);
    metrics.close();
  });

  it('keep a queue its series while it exists, however large others grow', async () => {
    const fold = foldWith({ queueName: 'a' }, { queueName: 'b' });
    const metrics = observed(fold, 1);
    expect(valueIn(await scrape(metrics), 'tasktracker_queue_executions', { queue: 'a', status: 'queued' })).toBe(1);
    for (let index = 0; index < 5; index += 1) add(fold, toExecution({ _id: `c${index}`, ...stored(`c${index}`, { queueName: 'b' }) }));
    const families = await scrape(metrics);
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'a', status: 'queued' })).toBe(1);
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: OTHER_QUEUES, status: 'queued' })).toBe(6);
    fold.apply(toExecution({ _id: 0, ...stored('e0', { queueName: 'a' }) }), null);
    expect(valueIn(await scrape(metrics), 'tasktracker_queue_executions', { queue: 'b', status: 'queued' })).toBe(6);
    metrics.close();
  });

  it('survive names with every character that a label must escape', async () => {
    const name = 'a"b\\c\nd{}=,é';
    const metrics = observed(foldWith({ queueName: name }));
    expect(valueIn(await scrape(metrics), 'tasktracker_queue_executions', { queue: name, status: 'queued' })).toBe(1);
    metrics.close();
  });
});

describe('metrics of operations', () => {
  it('give a series to the first names under which something was served, and one to all others', async () => {
    const metrics = metricsOf({ maxOperations: 2 });
    const query = (name: string | null) => ({ name, type: 'query' as const });
    metrics.operations.answered(query('Refused'), 'http', 'refused', 1);
    metrics.operations.answered(query('A'), 'http', 'ok', 3);
    metrics.operations.answered(query('A'), 'http', 'refused', 3);
    metrics.operations.answered(query('B'), 'websocket', 'failed', 20_000);
    for (let index = 0; index < 50; index += 1) metrics.operations.answered(query(`C${index}`), 'http', 'ok', 1);
    metrics.operations.answered(query(null), 'http', 'ok', 1);
    const families = await scrape(metrics);
    const names = new Set(families.get('tasktracker_graphql_requests_total')?.samples.map(({ labels }) => labels['operation']));
    expect([...names].sort()).toEqual(['(anonymous)', '(other)', 'A', 'B']);
    expect(valueIn(families, 'tasktracker_graphql_requests_total', { operation: '(other)', type: 'query', transport: 'http', outcome: 'ok' })).toBe(50);
    expect(valueIn(families, 'tasktracker_graphql_requests_total', { operation: 'A', type: 'query', transport: 'http', outcome: 'refused' })).toBe(1);
    expect(valueIn(families, 'tasktracker_graphql_request_duration_seconds_bucket', { operation: 'A', outcome: 'ok', le: '0.0025' })).toBe(0);
    expect(valueIn(families, 'tasktracker_graphql_request_duration_seconds_bucket', { operation: 'A', outcome: 'ok', le: '0.005' })).toBe(1);
    expect(valueIn(families, 'tasktracker_graphql_request_duration_seconds_sum', { operation: 'B', outcome: 'failed' })).toBe(20);
    metrics.close();
  });

  it('count a running subscription until it ends, once', async () => {
    const metrics = metricsOf();
    const end = metrics.operations.running('Live');
    metrics.operations.running('Live');
    end();
    end();
    expect(valueIn(await scrape(metrics), 'tasktracker_graphql_subscriptions', { operation: 'Live' })).toBe(1);
    metrics.close();
  });

  it.each([
    [undefined, 'ok'],
    [[], 'ok'],
    [[{ extensions: { code: 'BAD_USER_INPUT' } }], 'refused'],
    [[{ extensions: { code: 'QUERY_TIMEOUT' } }], 'failed'],
    [[{ extensions: { code: 'NOT_FOUND' } }, { extensions: { code: 'INTERNAL_SERVER_ERROR' } }], 'failed'],
    [[{}], 'failed'],
  ] as const)('call errors %j %s', (errors, outcome) => {
    expect(outcomeOf(errors)).toBe(outcome);
  });
});

describe('metrics of the database pool', () => {
  it('follow what the driver tells of its connections', async () => {
    const metrics = metricsOf();
    const client = new EventEmitter();
    metrics.watchPool(client);
    const at = (connectionId: number, more: object = {}) => ({ address: 'h:1', connectionId, ...more });
    for (const id of [1, 2, 3]) client.emit('connectionCreated', at(id));
    client.emit('connectionCheckedOut', at(1, { durationMS: 30 }));
    client.emit('connectionCheckedOut', at(2, { durationMS: 1 }));
    client.emit('connectionCheckedIn', at(2));
    client.emit('connectionClosed', at(3));
    client.emit('connectionCheckOutFailed', { address: 'h:1', reason: 'timeout' });
    client.emit('connectionPoolCleared', { address: 'h:1' });
    let families = await scrape(metrics);
    expect(valueIn(families, 'tasktracker_database_connections', { state: 'in_use' })).toBe(1);
    expect(valueIn(families, 'tasktracker_database_connections', { state: 'idle' })).toBe(1);
    expect(valueIn(families, 'tasktracker_database_checkout_duration_seconds_count')).toBe(2);
    expect(valueIn(families, 'tasktracker_database_checkout_failures_total', { reason: 'timeout' })).toBe(1);
    expect(valueIn(families, 'tasktracker_database_pools_cleared_total')).toBe(1);
    client.emit('connectionClosed', at(1));
    families = await scrape(metrics);
    expect(valueIn(families, 'tasktracker_database_connections', { state: 'in_use' })).toBe(0);
    metrics.close();
  });
});
