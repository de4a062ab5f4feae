import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';
import fastify from 'fastify';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createTaskTracker, type TaskTrackerApp } from '../../src/app.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { uriOf } from '../support/database.js';
import { stored } from '../support/feed.js';

const PATH = '/internal/tasks';

/** A server of somebody else with the application below its path; it answers the rest itself. */
const HOSTS: Readonly<Record<string, (app: TaskTrackerApp) => Promise<Server>>> = {
  async Express(app) {
    const site = express();
    site.use(PATH, app.handler());
    site.use((_request, response) => void response.send('of the host'));
    const server = site.listen(0, '127.0.0.1');
    app.attachWebSockets(server, { path: PATH });
    await once(server, 'listening');
    return server;
  },
  async Fastify(app) {
    const site = fastify();
    await site.register(
      async (mount) => {
        const handle = app.handler({ path: mount.prefix });
        mount.addHook('onRequest', (request, reply) => {
          reply.hijack();
          handle(request.raw, reply.raw);
          return Promise.resolve();
        });
        for (const url of ['/', '/*']) mount.all(url, () => undefined);
        app.attachWebSockets(mount.server, { path: mount.prefix });
      },
      { prefix: PATH },
    );
    await site.listen({ port: 0, host: '127.0.0.1' });
    return site.server;
  },
  async 'node:http'(app) {
    const handle = app.handler({ path: PATH });
    const server = createServer((request, response) => handle(request, response, () => response.end('of the host')));
    app.attachWebSockets(server, { path: PATH });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  },
};

describe.runIf(browserThere)('the dashboard below a path of a server of somebody else', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test.each(Object.entries(HOSTS))('%s: pages, reloads, live changes, actions and GraphiQL', async (_host, listen) => {
    const app = await createTaskTracker({ mongodbUri: uriOf(`tt_${randomBytes(8).toString('hex')}`), cacheDir: inject('cacheDir') });
    const server = await listen(app);
    try {
      await app.model.collection.insertMany([stored('m1', { queueName: 'mail' }), stored('m2', { queueName: 'mail', status: 'dlq', failedAt: new Date() })] as never[]);
      const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}/`;
      await using watched = await openPage(browser, home);
      const { page } = watched;
      await untilLive(page);
      const queued = page.locator('tbody tr', { has: page.getByRole('link', { name: 'mail', exact: true }) }).locator('[data-column="queued"]');
      await queued.getByText('1', { exact: true }).waitFor();
      await app.model.collection.insertOne(stored('m3', { queueName: 'mail' }) as never);
      await queued.getByText('2', { exact: true }).waitFor();

      await page.getByRole('link', { name: 'mail', exact: true }).click();
      await page.getByRole('heading', { name: 'mail', level: 1 }).waitFor();
      expect(page.url()).toBe(`${home}queues/mail`);
      await page.reload();
      await page.getByRole('heading', { name: 'mail', level: 1 }).waitFor();

      await page.goto(`${home}tasks?status=DLQ&task=m2`);
      const drawer = page.getByRole('dialog');
      await drawer.getByRole('button', { name: 'Retry', exact: true }).click();
      await page.getByRole('dialog', { name: 'Retry?' }).getByRole('button', { name: 'Retry', exact: true }).click();
      await drawer.getByText('Manual retry initiated').first().waitFor();

      await page.goto(`${home}graphiql`);
      await page.getByRole('tab', { name: 'Overview' }).waitFor();
      expect(watched.external).toEqual([]);
      expect(watched.errors).toEqual([]);
    } finally {
      server.close();
      server.closeAllConnections();
      await app.model.db.dropDatabase();
      await app.close();
    }
  });
});
