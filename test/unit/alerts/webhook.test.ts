import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import type { Alert, AlertWebhook } from '../../../src/alerts/types.js';
import { type SenderOptions, WebhookSender } from '../../../src/alerts/webhook/sender.js';
import { logLines } from '../../support/log-lines.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A receiver that answers each request as the next of these says; the last one from then on. */
async function receiver(...answers: ((response: ServerResponse) => void)[]) {
  const received: Received[] = [];
  let inFlight = 0;
  let most = 0;
  const server = createServer((request, response) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    response.once('close', () => (inFlight -= 1));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answers[Math.min(received.length, answers.length - 1)];
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? '' });
      answer?.(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, most: () => most };
}

const status = (code: number, headers: Record<string, string> = {}) => (response: ServerResponse) => void response.writeHead(code, headers).end('ignored');
const silent = () => undefined;

const SECRET = 'a-secret-of-thirty-two-characters';

function senderTo(webhook: Partial<AlertWebhook> & { url: string }, options: Partial<SenderOptions> = {}) {
  const { log, lines } = logLines();
  const full = { name: 'ops', secret: SECRET, timeoutMs: 1_000, attempts: 4, ...webhook };
  const sender = new WebhookSender(full, { log, replica: 'replica-1', version: '1.2.3', firstPauseMs: 5, ...options });
  closers.push(() => sender.close(0));
  return { sender, lines };
}

function alert(fields: Partial<Alert> = {}): Alert {
  return {
    id: 'id-1',
    rule: 'dead',
    kind: 'dead_letters',
    severity: 'critical',
    state: 'FIRING',
    queueName: 'orders',
    fingerprint: null,
    labels: { team: 'é' },
    summary: 'orders: 12 dead letters (more than 10)',
    value: 12,
    threshold: 10,
    activeSince: new Date(0),
    firedAt: new Date(1_000),
    resolvedAt: null,
    ...fields,
  };
}

/** As docs/alerts.md shows it. */
function verify(secret: string, headers: IncomingHttpHeaders, body: string, now: number): boolean {
  const timestamp = headers['tasktracker-timestamp'];
  if (typeof timestamp !== 'string' || Math.abs(now / 1000 - Number(timestamp)) > 300) return false;
  const expected = Buffer.from(`v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`);
  const shown = Buffer.from(String(headers['tasktracker-signature']));
  return shown.length === expected.length && timingSafeEqual(shown, expected);
}

describe('a webhook', () => {
  it('is told of an alert, signed over the time and the body', async () => {
    const { received, url } = await receiver(status(204));
    const { sender } = senderTo({ url });
    sender.send(alert());
    await expect.poll(() => sender.counts.delivered).toBe(1);
    const { headers, body } = received[0] as Received;
    expect(headers['content-type']).toBe('application/json');
    expect(headers['user-agent']).toBe('TaskTracker/1.2.3');
    expect(headers['tasktracker-alert']).toBe('id-1');
    expect(verify(SECRET, headers, body, Date.now())).toBe(true);
    expect(verify('another', headers, body, Date.now())).toBe(false);
    expect(verify(SECRET, headers, body.replace('12', '13'), Date.now())).toBe(false);
    expect(verify(SECRET, headers, body, Date.now() + 3_600_000)).toBe(false);
    expect(JSON.parse(body)).toEqual({
      version: 1,
      delivery: headers['tasktracker-delivery'],
      replica: 'replica-1',
      alert: { ...alert(), activeSince: new Date(0).toISOString(), firedAt: new Date(1_000).toISOString() },
    });
  });

  it('without a secret is told unsigned', async () => {
    const { received, url } = await receiver(status(200));
    const { sender } = senderTo({ url, secret: null });
    sender.send(alert());
    await expect.poll(() => sender.counts.delivered).toBe(1);
    expect(received[0]?.headers['tasktracker-signature']).toBeUndefined();
  });

  it('is tried again while it fails, with the same delivery and a signature that is fresh', async () => {
    const { received, url } = await receiver(status(500), (response) => void response.destroy(), status(429, { 'retry-after': '0' }), status(200));
    const { sender, lines } = senderTo({ url });
    sender.send(alert());
    await expect.poll(() => sender.counts.delivered).toBe(1);
    expect(received).toHaveLength(4);
    expect(new Set(received.map(({ headers }) => headers['tasktracker-delivery'])).size).toBe(1);
    expect(received.every(({ headers, body }) => verify(SECRET, headers, body, Date.now()))).toBe(true);
    expect(lines.map(({ reason }) => reason).slice(0, 1)).toEqual(['it answered 500']);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
    expect(JSON.stringify(lines)).not.toContain(url);
  });

  it('is given up after as many tries as it may have', async () => {
    const { received, url } = await receiver(status(503));
    const { sender } = senderTo({ url, attempts: 3 });
    sender.send(alert());
    await expect.poll(() => sender.counts.failed).toBe(1);
    expect(received).toHaveLength(3);
    expect(sender.waiting).toBe(0);
  });

  it.each([
    ['refuses', 400, /^it answered 400$/],
    ['has gone', 410, /^it answered 410$/],
    ['sends elsewhere', 302, /redirects are not followed/],
  ])('that %s is not asked again', async (_what, code, reason) => {
    const { received, url } = await receiver(status(code, { location: 'http://127.0.0.1:1/elsewhere' }));
    const { sender, lines } = senderTo({ url });
    sender.send(alert());
    await expect.poll(() => sender.counts.failed).toBe(1);
    expect(received).toHaveLength(1);
    expect(lines[0]?.['reason']).toMatch(reason);
  });

  it('that does not answer in time, or endlessly, is tried again', async () => {
    const endless = (response: ServerResponse): void => {
      response.writeHead(200);
      response.write('x');
    };
    const { received, url } = await receiver(silent, endless);
    const { sender, lines } = senderTo({ url, timeoutMs: 200 });
    sender.send(alert());
    // What follows the status is not waited for.
    await expect.poll(() => sender.counts.delivered).toBe(1);
    expect(received).toHaveLength(2);
    expect(lines[0]?.['reason']).toBe('it did not answer in time');
  });

  it('that is not there is tried again, and told of the newest state only', async () => {
    const { sender } = senderTo({ url: 'http://127.0.0.1:1/', attempts: 20 }, { firstPauseMs: 60_000, random: () => 0 });
    sender.send(alert());
    await expect.poll(() => sender.waiting).toBe(1);
    sender.send(alert({ state: 'RESOLVED' }));
    await expect.poll(() => sender.counts.superseded).toBe(1);
    expect(sender.waiting).toBe(1);
  });

  it('is told the states of one alert in order, one at a time, however slow it is', async () => {
    const held: ServerResponse[] = [];
    const { received, url, most } = await receiver((response) => void held.push(response));
    const { sender } = senderTo({ url });
    sender.send(alert());
    await expect.poll(() => held.length).toBe(1);
    sender.send(alert({ state: 'RESOLVED' }));
    sender.send(alert({ id: 'id-2' }));
    await expect.poll(() => held.length).toBe(2);
    for (const response of held.splice(0)) status(200)(response);
    await expect.poll(() => held.length).toBe(1);
    status(200)(held[0] as ServerResponse);
    await expect.poll(() => sender.counts.delivered).toBe(3);
    expect(received.map(({ body }) => (JSON.parse(body) as { alert: Alert }).alert).map(({ id, state }) => [id, state])).toEqual([
      ['id-1', 'FIRING'],
      ['id-2', 'FIRING'],
      ['id-1', 'RESOLVED'],
    ]);
    expect(most()).toBe(2);
  });

  it('holds up no more than may wait, and no more than a few requests at a time', async () => {
    const { url, most, received } = await receiver(silent);
    const { sender } = senderTo({ url, timeoutMs: 30_000 }, { limit: 10 });
    for (let index = 0; index < 20; index += 1) sender.send(alert({ id: `id-${index}` }));
    await expect.poll(() => received.length).toBe(4);
    expect(most()).toBe(4);
    expect(sender.counts.dropped).toBe(20 - 4 - 10);
    expect(sender.waiting).toBe(14);
  });

  it('is let go of in time when the application ends', async () => {
    const { received, url } = await receiver(silent);
    const { sender } = senderTo({ url, timeoutMs: 30_000 });
    sender.send(alert());
    await expect.poll(() => received.length).toBe(1);
    const startedAt = performance.now();
    await sender.close(50);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    sender.send(alert());
    expect(sender.waiting).toBe(0);
  });
});
