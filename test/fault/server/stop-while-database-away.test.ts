import { expect, inject, it } from 'vitest';

import { commandLine, READY } from '../../support/command-line.js';
import { secantusServer } from '../../support/secantus-server.js';
import { tcpProxy } from '../../support/tcp-proxy.js';

const LIMIT_MS = 2_000;
/** Beyond the limit: what is left is told to close, and the process ends. A machine that is busy needs more. */
const SPARE_MS = 1_500;

const { tasktracker } = commandLine();

it.skipIf(!inject('embedded'))('`serve` keeps its time limit at SIGTERM while the database is away and a request waits for it', { timeout: 60_000 }, async () => {
  await using database = await secantusServer();
  await using proxy = await tcpProxy(database.port);
  const server = tasktracker(['serve'], {
    MONGODB_URI: `mongodb://127.0.0.1:${proxy.port}/away?directConnection=true`,
    PORT: '0',
    TASKTRACKER_SHUTDOWN_TIMEOUT_MS: String(LIMIT_MS),
    LOG_LEVEL: 'info',
  });
  const url = (await server.printed(READY))[1] ?? '';
  await server.complained(/statistics are ready/);
  proxy.cut();
  await server.complained(/the feed is reconnecting/);
  const waiting = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ tasks { nodes { taskId } } }' }),
  }).catch((error: unknown) => error);
  await fetch(new URL('/health/live', url));
  const askedAt = performance.now();
  server.child.kill('SIGTERM');
  const { code } = await server.ended;
  expect(performance.now() - askedAt).toBeLessThan(LIMIT_MS + SPARE_MS);
  expect(code).toBe(0);
  await waiting;
});
