import { beforeEach, describe, expect, it } from 'vitest';

import { createAlerts, type RunningAlerts } from '../../../src/alerts/engine.js';
import { readAlertsFile } from '../../../src/alerts/read-file.js';
import type { Alert } from '../../../src/alerts/types.js';
import type { FeedState } from '../../../src/feed/types.js';
import { toExecution } from '../../../src/model/execution.js';
import { createFold } from '../../../src/stats/fold/fold.js';
import type { Fold } from '../../../src/stats/fold/types.js';
import type { ErrorGroupNews } from '../../../src/stats/types.js';
import { silentLogger } from '../../support/database.js';
import { stored } from '../../support/feed.js';

const START = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;

let now = START;
let state: FeedState = 'LIVE';
let fold: Fold | null = null;
let tell: (news: ErrorGroupNews) => void = () => undefined;
let made = 0;

beforeEach(() => {
  now = START;
  state = 'LIVE';
  fold = createFold({ clock: () => now });
  made = 0;
});

function alertsOf(rules: string): RunningAlerts & { readonly changes: Alert[] } {
  const file = readAlertsFile(`rules:\n${rules}`, { file: 'f', variable: () => undefined });
  const statistics = {
    kept: () => fold,
    onErrorGroup: (listener: (news: ErrorGroupNews) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  // Long after the test: it looks when the test says so.
  const alerts = createAlerts({ file, sources: { feed: { status: () => ({ state }) }, statistics }, intervalMs: 3_600_000, log: silentLogger(), clock: () => now, sender: { replica: 'r', version: '1' } });
  const changes: Alert[] = [];
  alerts.onChange((alert) => changes.push(alert));
  alerts.start();
  return Object.assign(alerts, { changes });
}

function add(fields: Record<string, unknown>) {
  made += 1;
  const execution = toExecution({ _id: made, ...stored(`e${made}`, { enqueuedAt: new Date(now), ...fields }) });
  fold?.apply(...([null, execution] as const));
  return () => fold?.apply(execution, null);
}

const dead = (queueName: string) => add({ queueName, status: 'dlq', failedAt: new Date(now) });
const shown = (alerts: RunningAlerts) => alerts.list().map(({ rule, queueName, state: where, value }) => [rule, queueName, where, value]);

describe('alerts', () => {
  it('wait until the condition has held for long enough, fire once, and are resolved', async () => {
    const alerts = alertsOf('- {name: dead, when: dead_letters, above: 1, for: 5m}');
    dead('a');
    await alerts.evaluate();
    expect(alerts.list()).toEqual([]);
    const remove = dead('a');
    await alerts.evaluate();
    now += 4 * MINUTE;
    await alerts.evaluate();
    expect(shown(alerts)).toEqual([['dead', 'a', 'PENDING', 2]]);
    now += MINUTE;
    await alerts.evaluate();
    now += MINUTE;
    await alerts.evaluate();
    expect(alerts.list()).toMatchObject([{ state: 'FIRING', summary: 'a: 2 dead letters (more than 1)', activeSince: new Date(START), firedAt: new Date(START + 5 * MINUTE), resolvedAt: null, threshold: 1 }]);
    remove();
    await alerts.evaluate();
    expect(alerts.changes.map((alert) => alert.state)).toEqual(['PENDING', 'FIRING', 'RESOLVED']);
    expect(alerts.list()).toMatchObject([{ state: 'RESOLVED', value: 1, resolvedAt: new Date(now) }]);
    now += 60 * MINUTE;
    await alerts.evaluate();
    expect(alerts.list()).toEqual([]);
  });

  it('begin anew where it holds again, under the same id', async () => {
    const alerts = alertsOf('- {name: dead, when: dead_letters, above: 0}');
    dead('a')();
    const remove = dead('a');
    await alerts.evaluate();
    remove();
    await alerts.evaluate();
    now += MINUTE;
    dead('a');
    await alerts.evaluate();
    expect(alerts.changes.map((alert) => alert.state)).toEqual(['FIRING', 'RESOLVED', 'FIRING']);
    expect(new Set(alerts.changes.map(({ id }) => id)).size).toBe(1);
    expect(alerts.list()[0]?.firedAt).toEqual(new Date(now));
  });

  it('have the same ids in every replica, and others for other queues and rules', async () => {
    const rules = '- {name: x, when: dead_letters, above: 0}\n- {name: y, when: dead_letters, above: 0}';
    const [one, other] = [alertsOf(rules), alertsOf(rules)];
    dead('a');
    dead('b');
    await one.evaluate();
    await other.evaluate();
    const ids = (alerts: RunningAlerts) => alerts.list().map(({ id }) => id);
    expect(ids(one)).toEqual(ids(other));
    expect(new Set(ids(one)).size).toBe(4);
  });

  it('look at the queues of a pattern only, each by itself, and resolve for one that is gone', async () => {
    const alerts = alertsOf("- {name: dead, when: dead_letters, above: 0, queues: ['orders.*', mail]}");
    for (const queueName of ['orders.eu', 'order', 'mail', 'mailx']) dead(queueName);
    const remove = dead('orders.us');
    await alerts.evaluate();
    expect(shown(alerts).map(([, queue]) => queue).sort()).toEqual(['mail', 'orders.eu', 'orders.us']);
    remove();
    await alerts.evaluate();
    expect(shown(alerts).find(([, queue]) => queue === 'orders.us')).toEqual(['dead', 'orders.us', 'RESOLVED', 1]);
  });

  it('compare the share of failures in a window, where enough ended', async () => {
    const alerts = alertsOf('- {name: rate, when: failure_rate, above: 0.25, over: 10m, minimum: 4}');
    const ended = (queueName: string, good: number, bad: number) => {
      for (let index = 0; index < good; index += 1) add({ queueName, status: 'completed', completedAt: new Date(now) });
      for (let index = 0; index < bad; index += 1) add({ queueName, status: 'failed', failedAt: new Date(now) });
    };
    ended('few', 0, 3);
    ended('bad', 4, 2);
    ended('good', 3, 1);
    await alerts.evaluate();
    expect(alerts.list()).toMatchObject([{ queueName: 'bad', state: 'FIRING', summary: 'bad: 33.3 % of the attempts of the last 10m failed (more than 25 %)' }]);
    now += 11 * MINUTE;
    await alerts.evaluate();
    expect(alerts.list()).toMatchObject([{ queueName: 'bad', state: 'RESOLVED' }]);
  });

  it('tell of what waits for too long, and of what is stuck', async () => {
    const alerts = alertsOf('- {name: old, when: oldest_queued, olderThan: 10m, summary: "{queue} waits {value} of {threshold}"}\n- {name: stuck, when: stuck, timeout: 5m, above: 1}');
    add({ queueName: 'a' });
    for (const queueName of ['b', 'b', 'c']) add({ queueName, status: 'processing', processingStartedAt: new Date(now) });
    now += 10 * MINUTE;
    await alerts.evaluate();
    expect(shown(alerts)).toEqual([['stuck', 'b', 'FIRING', 2]]);
    now += 90_000;
    await alerts.evaluate();
    expect(alerts.list().find(({ rule }) => rule === 'old')).toMatchObject({ queueName: 'a', value: 690_000, threshold: 600_000, summary: 'a waits 11m 30s of 10m' });
  });

  it('tell of the feed, and leave what cannot be known as it was', async () => {
    const alerts = alertsOf('- {name: feed, when: feed_not_live, for: 1m}\n- {name: dead, when: dead_letters, above: 0}');
    const remove = dead('a');
    await alerts.evaluate();
    state = 'RECONNECTING';
    remove();
    await alerts.evaluate();
    now += MINUTE;
    await alerts.evaluate();
    expect(shown(alerts)).toEqual([
      ['feed', null, 'FIRING', 1],
      ['dead', 'a', 'FIRING', 1],
    ]);
    state = 'LIVE';
    const kept = fold;
    fold = null;
    await alerts.evaluate();
    expect(shown(alerts)).toEqual([
      ['dead', 'a', 'FIRING', 1],
      ['feed', null, 'RESOLVED', 0],
    ]);
    fold = kept;
    await alerts.evaluate();
    expect(shown(alerts).map(([, , where]) => where)).toEqual(['RESOLVED', 'RESOLVED']);
  });

  it('tell of a new kind of failure at once, and resolve it when it has not been new again for a while', async () => {
    const alerts = alertsOf("- {name: new, when: new_error_group, queues: 'a', resolveAfter: 1h}");
    const failure = fold?.apply(...([null, toExecution({ _id: 'f', ...stored('f', { queueName: 'a', status: 'failed', failedAt: new Date(now), errorMessage: 'no route to host 17', errorCategory: 'transient' }) })] as const));
    if (!failure) throw new Error('no failure was counted');
    tell({ ...failure, isNew: false });
    tell({ ...failure, queueName: 'b' });
    expect(alerts.list()).toEqual([]);
    tell(failure);
    expect(alerts.list()).toMatchObject([{ state: 'FIRING', fingerprint: failure.fingerprint, summary: expect.stringMatching(/^a: a new kind of failure, transient: no route to host /i) as unknown }]);
    now += 50 * MINUTE;
    tell(failure);
    now += 50 * MINUTE;
    await alerts.evaluate();
    expect(alerts.list()[0]?.state).toBe('FIRING');
    now += 10 * MINUTE;
    await alerts.evaluate();
    expect(alerts.changes.map((alert) => alert.state)).toEqual(['FIRING', 'RESOLVED']);
  });

  it('say nothing more when closed', async () => {
    const alerts = alertsOf('- {name: dead, when: dead_letters, above: 0}');
    dead('a');
    await alerts.close(0);
    await alerts.evaluate();
    expect(alerts.changes).toEqual([]);
  });

  it('are at most a thousand at a time; resolved ones make room', async () => {
    const alerts = alertsOf('- {name: dead, when: dead_letters, above: 0}');
    const removers = Array.from({ length: 1_010 }, (_, index) => dead(`q${String(index).padStart(4, '0')}`));
    await alerts.evaluate();
    expect(alerts.list()).toHaveLength(1_000);
    for (const remove of removers.slice(0, 20)) remove();
    await alerts.evaluate();
    await alerts.evaluate();
    expect(alerts.list()).toHaveLength(1_000);
    expect(alerts.list().filter((alert) => alert.state === 'FIRING')).toHaveLength(990);
  });
});
