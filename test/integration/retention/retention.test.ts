import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AUDIT_COLLECTION, createAuditLog } from '../../../src/audit/audit-log.js';
import { OPERATIONS_COLLECTION } from '../../../src/operations/store.js';
import { createRetention, type RetentionOptions } from '../../../src/retention/retention.js';
import { DEFAULT_DAYS } from '../../../src/retention/rules.js';
import type { Retention } from '../../../src/retention/types.js';
import { silentLogger } from '../../support/database.js';
import { feedOn, stored, take } from '../../support/feed.js';
import { keptOwnCollections } from '../../support/own-collections.js';
import { type Harness, lifecycleHarness, OPERATOR } from '../lifecycle/harness.js';

const DAY_MS = 86_400_000;

let harness: Harness;
let opened: Retention[];

beforeEach(async () => {
  harness = await lifecycleHarness();
  await keptOwnCollections(harness.database.connection);
  opened = [];
});
afterEach(async () => {
  for (const retention of opened) await retention.close();
  await harness.database.close();
});

function retentionWith(options: Partial<RetentionOptions> = {}) {
  const { connection } = harness.database;
  const log = silentLogger();
  const audit = createAuditLog({ connection, log });
  const retention = createRetention({ model: harness.model, connection, audit, log, deduplication: () => 'index', clock: harness.clock.read, days: DEFAULT_DAYS, intervalMs: 3_600_000, ...options });
  opened.push(retention);
  return retention;
}

const ago = (days: number): Date => new Date(harness.clock.now - days * DAY_MS);

async function insert(...documents: readonly Record<string, unknown>[]): Promise<void> {
  await harness.model.collection.insertMany(documents.map(({ id, ...fields }) => stored(String(id), { createdAt: ago(100), enqueuedAt: ago(100), updatedAt: ago(100), ...fields })));
}

const statuses = async () => Object.fromEntries((await harness.everything()).map(({ executionId, status }) => [executionId, status]));

describe('dead letters', () => {
  it('are archived when they are older than seven days, by system:retention and with its reason', async () => {
    await insert({ id: 'old', status: 'dlq', failedAt: ago(8), updatedAt: ago(8) }, { id: 'young', status: 'dlq', failedAt: ago(6), updatedAt: ago(6) }, { id: 'failed', status: 'failed', failedAt: ago(8), updatedAt: ago(8) });
    const run = await retentionWith().runOnce();
    expect(run?.counts).toEqual({ deadLetters: 1, archived: 0, completed: 0 });
    expect(await statuses()).toEqual({ old: 'archived', young: 'dlq', failed: 'failed' });
    expect(await harness.stored('old')).toMatchObject({ archivedAt: harness.clock.read(), archivedBy: 'system:retention', archivedReason: 'Auto-archived after 7 days', failedAt: ago(8) });
  });

  it('are as old as the move that made them dead letters, not as their failure', async () => {
    await insert({ id: 'moved', status: 'failed', failedAt: ago(30), updatedAt: ago(30) });
    harness.clock.advance(-6 * DAY_MS);
    await harness.lifecycle.moveToDeadLetters('moved', null, OPERATOR);
    harness.clock.advance(6 * DAY_MS);
    const retention = retentionWith();
    expect((await retention.runOnce())?.counts.deadLetters).toBe(0);
    harness.clock.advance(2 * DAY_MS);
    expect((await retention.runOnce())?.counts.deadLetters).toBe(1);
  });

  it.each([
    ['has no failedAt', { failedAt: null }, 'archived'],
    ['has no updatedAt', { updatedAt: null, failedAt: ago0(8) }, 'archived'],
    ['has a failedAt that is no date', { failedAt: 'yesterday' }, 'archived'],
    ['has only a createdAt', { failedAt: null, updatedAt: null }, 'archived'],
    ['was created lately, whatever else it says', { createdAt: ago0(1) }, 'dlq'],
    ['says nothing of its age', { failedAt: null, updatedAt: null, createdAt: null }, 'dlq'],
  ])('one that %s is judged by what else it says', async (_what, fields, expected) => {
    await insert({ id: 'x', status: 'dlq', failedAt: ago(8), ...fields });
    await retentionWith().runOnce();
    expect((await statuses())['x']).toBe(expected);
  });
});

/** The harness's clock begins here; tables of cases are made before there is one. */
function ago0(days: number): Date {
  return new Date(Date.UTC(2026, 0, 1) - days * DAY_MS);
}

describe('deletion', () => {
  it('is off unless it is asked for', async () => {
    await insert({ id: 'a', status: 'archived', archivedAt: ago(99) }, { id: 'c', status: 'completed', completedAt: ago(99) });
    expect((await retentionWith().runOnce())?.counts).toEqual({ deadLetters: 0, archived: 0, completed: 0 });
    expect(Object.keys(await statuses())).toHaveLength(2);
  });

  it('takes what was archived or completed for long enough, with the failed attempts before it, and the feed tells', async () => {
    await insert(
      { id: 'a old', status: 'archived', archivedAt: ago(31), updatedAt: ago(31) },
      { id: 'a young', status: 'archived', archivedAt: ago(29), updatedAt: ago(29) },
      { id: 'c first', taskId: 'c', status: 'failed', failedAt: ago(100) },
      { id: 'c', taskId: 'c', status: 'completed', completedAt: ago(91), updatedAt: ago(91), createdAt: ago(92) },
      { id: 'c young', status: 'completed', completedAt: ago(89), updatedAt: ago(89) },
      { id: 'queued', status: 'queued' },
    );
    const feed = await feedOn(harness.database.connection);
    const events = feed.subscribe({ bookmarks: false });
    const run = await retentionWith({ days: { ...DEFAULT_DAYS, archived: 30, completed: 90 } }).runOnce();
    expect(run?.counts).toEqual({ deadLetters: 0, archived: 1, completed: 1 });
    expect(Object.keys(await statuses()).sort()).toEqual(['a young', 'c young', 'queued']);
    const removed = await take(events, 3);
    expect(removed.map(({ kind, executionId }) => [kind, executionId]).sort()).toEqual([['REMOVED', 'a old'], ['REMOVED', 'c'], ['REMOVED', 'c first']]);
    await feed.close();
  });
});

describe('a run', () => {
  it('is previewed without a write', async () => {
    await insert({ id: 'old', status: 'dlq', failedAt: ago(8) }, { id: 'a', status: 'archived', archivedAt: ago(99) });
    const before = await harness.everything();
    expect(await retentionWith({ days: { ...DEFAULT_DAYS, archived: 30 } }).preview()).toEqual({
      rules: [
        { name: 'deadLetters', days: 7, matched: 1 },
        { name: 'archived', days: 30, matched: 1 },
      ],
    });
    expect(await harness.everything()).toEqual(before);
  });

  it('that changed something is in the audit log, and one that did not is not', async () => {
    const retention = retentionWith();
    await retention.runOnce();
    await insert({ id: 'old', status: 'dlq', failedAt: ago(8) });
    await retention.runOnce();
    const entries = await harness.database.connection.collection(AUDIT_COLLECTION).find({}).toArray();
    expect(entries).toMatchObject([{ actor: 'system:retention', action: 'RETENTION', detail: '1 dead letters archived, 0 archived and 0 completed executions deleted' }]);
    expect(retention.figures()).toMatchObject({ runs: 2, failures: 0, counts: { deadLetters: 1, archived: 0, completed: 0 } });
  });

  it('of several replicas at once is one, and each execution is dealt with once', async () => {
    await insert(...Array.from({ length: 450 }, (_, index) => ({ id: `d${index}`, status: 'dlq', failedAt: ago(8) })));
    const runs = await Promise.all(Array.from({ length: 4 }, () => retentionWith().runOnce()));
    expect(runs.filter((run) => run !== null).map(({ counts }) => counts.deadLetters)).toEqual([450]);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['archived']));
  });

  it('that was left by a replica that died is gone on with, with its counts', async () => {
    await insert({ id: 'old', status: 'dlq', failedAt: ago(8) });
    const operations = harness.database.connection.collection<{ _id: string }>(OPERATIONS_COLLECTION);
    const lease = { owner: 'dead', term: 3, expiresAt: new Date(Date.now() - 1_000) };
    const left = { kind: 'retention', running: true, startedAt: ago(0), finishedAt: null, counts: { deadLetters: 5, archived: 0, completed: 0 }, nextAt: new Date(Date.now() + DAY_MS), lease };
    await operations.insertOne({ _id: 'retention', ...left });
    const retention = retentionWith();
    const run = new Promise<Record<string, number>>((resolve) => retention.onRun(({ counts }) => resolve({ ...counts })));
    retention.begin();
    expect(await run).toEqual({ deadLetters: 6, archived: 0, completed: 0 });
  });

  it('begins one interval after the first look, and then at intervals', async () => {
    const retention = retentionWith({ intervalMs: 50, clock: () => new Date() });
    const runs: number[] = [];
    const thrice = new Promise<void>((resolve) => retention.onRun(() => void (runs.push(Date.now()) === 3 && resolve())));
    const begun = Date.now();
    retention.begin();
    await thrice;
    expect((runs[0] ?? 0) - begun).toBeGreaterThanOrEqual(50);
    expect((runs[2] ?? 0) - (runs[0] ?? 0)).toBeGreaterThanOrEqual(90);
  });
});
