import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AlertsFileError } from '../../src/alerts/read-file.js';
import { createApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { post, RawSocket } from '../support/clients.js';
import { stored } from '../support/feed.js';
import { parsePrometheus, valueIn } from '../support/prometheus.js';
import { untilStatistics } from '../support/statistics.js';

interface Sent {
  readonly alert: { readonly id: string; readonly state: string; readonly queueName: string | null };
}

const keys = { admin: createApiKey({ name: 'a', role: 'ADMIN' }), tenant: createApiKey({ name: 't', role: 'VIEWER', queues: ['mine'] }), worker: createApiKey({ name: 'w', role: 'WORKER' }) };
const ALERTS = 'query Alerts($state: [AlertState!]) { alerts(state: $state) { id rule kind severity state queueName fingerprint labels summary value threshold activeSince firedAt resolvedAt } }';

let folder: string;
let hook: Server;
const sent: Sent[] = [];
let running: RunningApp;

const RULES = `
webhooks: [{ name: ops, urlFrom: HOOK, secretFrom: SECRET }]
rules:
  - { name: dead, when: dead_letters, above: 0, severity: critical, labels: { team: x } }
  - { name: new, when: new_error_group }
`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'alerts-'));
  hook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      sent.push(JSON.parse(Buffer.concat(chunks).toString()) as Sent);
      response.writeHead(204).end();
    });
  });
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const file = path.join(folder, 'alerts.yaml');
  await writeFile(file, RULES);
  const variables: Record<string, string> = { HOOK: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, SECRET: 'a secret' };
  const apiKeys = JSON.stringify(Object.values(keys).map(({ entry }) => entry));
  running = await runningApp({ alertsFile: file, alertsIntervalMs: 100, apiKeys, metricsToken: 'x'.repeat(32), variable: (name) => variables[name] });
  await untilStatistics(running.app.services.statistics, 'READY');
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  hook.close();
  await rm(folder, { recursive: true });
});

const as = (key: string) => ({ authorization: `Bearer ${key}` });

async function alerts(key: string, state?: readonly string[]): Promise<Record<string, unknown>[]> {
  const { body } = await post(running.url, ALERTS, { state }, as(key));
  expect(body.errors).toBeUndefined();
  return (body.data as { alerts: Record<string, unknown>[] }).alerts;
}

async function watching(key: string): Promise<RawSocket> {
  const socket = await RawSocket.open(running.url);
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
  await socket.until(({ type }) => type === 'connection_ack');
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription Watch { alertChanged { rule state queueName } }' } });
  await expect.poll(async () => {
    const families = parsePrometheus(await (await fetch(new URL('/metrics', running.url), { headers: as('x'.repeat(32)) })).text());
    return valueIn(families, 'tasktracker_graphql_subscriptions', { operation: 'Watch' });
  }).toBeGreaterThan(0);
  return socket;
}

describe('alerts of an application', () => {
  it('reach the webhook, the query, the subscription and the metrics; tenants are shown those of their queues', async () => {
    const [all, own] = [await watching(keys.admin.key), await watching(keys.tenant.key)];
    const failure = { status: 'dlq', failedAt: new Date(), errorMessage: 'no', errorCategory: 'transient' };
    await running.app.model.collection.insertMany([stored('d1', { queueName: 'theirs', ...failure })]);
    await running.app.model.collection.insertMany([stored('d2', { queueName: 'mine', ...failure })]);
    await expect.poll(() => sent.map(({ alert }) => `${alert.state} ${String(alert.queueName)}`).sort()).toEqual(['FIRING mine', 'FIRING theirs', 'FIRING theirs']);

    const seen = await alerts(keys.admin.key);
    // The same kind of failure is new once, whatever the queue.
    expect(seen).toHaveLength(3);
    expect(seen[0]).toMatchObject({ rule: 'dead', kind: 'DEAD_LETTERS', severity: 'CRITICAL', state: 'FIRING', labels: { team: 'x' }, value: 1, threshold: 0, resolvedAt: null });
    expect((await alerts(keys.tenant.key)).map(({ queueName }) => queueName)).toEqual(['mine']);
    expect(new Set(sent.map(({ alert }) => alert.id))).toEqual(new Set(seen.map(({ id }) => id)));

    await running.app.model.collection.deleteMany({ status: 'dlq' });
    await expect.poll(async () => (await alerts(keys.admin.key, ['RESOLVED'])).map(({ rule }) => rule)).toEqual(['dead', 'dead']);
    await all.until(({ payload }) => JSON.stringify(payload ?? '').includes('RESOLVED'));
    await own.until(({ payload }) => JSON.stringify(payload ?? '').includes('RESOLVED'));
    expect(JSON.stringify(all.messages)).toContain('theirs');
    expect(JSON.stringify(own.messages)).not.toContain('theirs');
    all.socket.terminate();
    own.socket.terminate();

    const families = parsePrometheus(await (await fetch(new URL('/metrics', running.url), { headers: as('x'.repeat(32)) })).text());
    expect(valueIn(families, 'tasktracker_alerts', { state: 'FIRING' })).toBe(1);
    expect(valueIn(families, 'tasktracker_alerts', { state: 'RESOLVED' })).toBe(2);
    await expect.poll(() => sent.length).toBe(5);
    expect(valueIn(families, 'tasktracker_alert_deliveries_total', { webhook: 'ops', outcome: 'failed' })).toBe(0);
  });

  it('are not for workers', async () => {
    const { body } = await post(running.url, ALERTS, {}, as(keys.worker.key));
    expect(body.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  });

  it('are none where there are no rules', async () => {
    await using plain = await runningApp();
    expect((await post(plain.url, ALERTS)).body.data).toEqual({ alerts: [] });
  });

  it('keep an application with a wrong file from starting, before it has opened anything', async () => {
    const file = path.join(folder, 'wrong.yaml');
    await writeFile(file, 'rules:\n  - name: a\n    when: never\n');
    await expect(runningApp({ alertsFile: file, mongodbUri: 'mongodb://127.0.0.1:1/none' })).rejects.toThrow(AlertsFileError);
    await expect(runningApp({ alertsFile: path.join(folder, 'absent.yaml'), mongodbUri: 'mongodb://127.0.0.1:1/none' })).rejects.toThrow(/absent\.yaml:1: cannot be read \(ENOENT\)/);
  });
});
