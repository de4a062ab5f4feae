import { randomBytes } from 'node:crypto';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createTaskTracker, type TaskTrackerApp } from '../../src/app.js';
import { runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { freshDatabase, uriOf } from '../support/database.js';
import { stored } from '../support/feed.js';

describe.runIf(browserThere)('a page whose server goes away and comes back', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('says so, shows that its figures are old, and catches up with all that happened meanwhile', async () => {
    const name = `tt_${randomBytes(8).toString('hex')}`;
    await using database = await freshDatabase();
    const tasks = database.connection.useDb(name).collection('task_trackers');
    const start = async (port: number): Promise<{ app: TaskTrackerApp; url: string }> => {
      const app = await createTaskTracker({ mongodbUri: uriOf(name), cacheDir: inject('cacheDir'), port });
      return { app, url: await app.start() };
    };
    const first = await start(0);
    let second: TaskTrackerApp | null = null;
    try {
      await tasks.insertMany([stored('r1', { queueName: 'jobs' }), stored('r2', { queueName: 'gone' })]);
      await using watched = await openPage(browser, new URL('.', first.url).href);
      const { page } = watched;
      await untilLive(page);
      await page.getByRole('link', { name: 'gone' }).waitFor();

      await first.app.close();
      await page.getByText(/^Reconnecting since \d\d:\d\d:\d\d$/).waitFor();
      await page.getByText('What is shown is from before').waitFor();
      expect(await page.locator('main').getAttribute('data-stale')).toBe('true');

      await tasks.insertMany([stored('r3', { queueName: 'jobs' }), stored('r4', { queueName: 'fresh' })]);
      await tasks.deleteOne({ executionId: 'r2' });
      second = (await start(Number(new URL(first.url).port))).app;

      await untilLive(page);
      await page.getByRole('link', { name: 'fresh' }).waitFor();
      await page.getByRole('link', { name: 'gone' }).waitFor({ state: 'detached' });
      const jobs = page.locator('tbody tr', { has: page.getByRole('link', { name: 'jobs' }) });
      expect(await jobs.locator('[data-column="queued"]').innerText()).toBe('2');
      expect(await page.locator('main').getAttribute('data-stale')).toBeNull();
      expect(watched.external).toEqual([]);
    } finally {
      await first.app.close();
      await second?.close();
      await database.connection.useDb(name).dropDatabase();
    }
  });

  test('says so where the server itself hears nothing from its database, and why', async () => {
    await using running = await runningApp();
    let behind = true;
    let tell: (() => void) | undefined;
    const before = (page: Page) =>
      page.routeWebSocket(/\/graphql$/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          const text = String(message);
          if (!text.includes('"feedStatus"') || !text.includes('"LIVE"')) {
            socket.send(text);
            return;
          }
          socket.send(behind ? text.replace('"LIVE"', '"RECONNECTING"').replace('"reason":null', '"reason":"the database does not answer"') : text);
          tell = () => socket.send(text);
        });
      });
    await using watched = await openPage(browser, new URL('.', running.url).href, { before });
    const { page } = watched;
    await page.getByText(/^Feed behind since \d\d:\d\d:\d\d$/).waitFor();
    await page.getByText('(the database does not answer)').waitFor();
    expect(await page.locator('main').getAttribute('data-stale')).toBe('true');
    behind = false;
    tell?.();
    await untilLive(page);
    expect(await page.locator('main').getAttribute('data-stale')).toBeNull();
    expect(watched.errors).toEqual([]);
  });

  test('subscribes again where the server has ended a subscription that may be asked for again', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertOne(stored('s1', { queueName: 'jobs' }));
    let ended = 0;
    const before = (page: Page) =>
      page.routeWebSocket(/\/graphql$/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          const text = String(message);
          const { id } = JSON.parse(text) as { id?: string };
          if (ended > 0 || !text.includes('"queueStatsChanged"')) {
            socket.send(text);
            return;
          }
          ended += 1;
          const errors = [{ message: 'the feed has lost its place', extensions: { code: 'RESYNC_REQUIRED' } }];
          socket.send(JSON.stringify({ type: 'next', id, payload: { errors } }));
          socket.send(JSON.stringify({ type: 'complete', id }));
        });
      });
    await using watched = await openPage(browser, new URL('.', running.url).href, { before });
    const { page } = watched;
    const queued = page.locator('tbody tr', { has: page.getByRole('link', { name: 'jobs' }) }).locator('[data-column="queued"]');
    await queued.getByText('1', { exact: true }).waitFor();
    await running.app.model.collection.insertOne(stored('s2', { queueName: 'jobs' }));
    await queued.getByText('2', { exact: true }).waitFor();
    expect(ended).toBe(1);
    expect(watched.errors).toEqual([]);
  });
});
