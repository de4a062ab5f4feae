import { randomBytes } from 'node:crypto';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createTaskTracker, type TaskTrackerApp } from '../../src/app.js';
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
});
