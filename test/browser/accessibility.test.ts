import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { violations } from '../support/axe.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

describe.runIf(browserThere)('for everybody', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
    const now = Date.now();
    const at = (ms: number) => new Date(now - ms);
    await running.app.model.collection.insertMany([
      stored('w1', { queueName: 'jobs', enqueuedAt: at(90_000) }),
      stored('p1', { queueName: 'jobs', status: 'processing', processingStartedAt: at(3_600_000) }),
      stored('c1', { queueName: 'jobs', status: 'completed', processingStartedAt: at(5_000), completedAt: at(4_000) }),
      stored('f1', { queueName: 'jobs', status: 'failed', processingStartedAt: at(5_000), failedAt: at(3_000), errorMessage: 'no route to 10.0.0.7', errorCategory: 'transient' }),
      stored('d1', { queueName: 'jobs', status: 'dlq', processingStartedAt: at(5_000), failedAt: at(3_000), errorMessage: 'no such log 17', errorCategory: 'validation' }),
      stored('a1', { queueName: 'jobs', status: 'archived', failedAt: at(3_000), archivedAt: at(2_000) }),
      stored('u1', { queueName: 'jobs', status: 'lost' }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  const views = ['', 'queues/jobs', 'tasks', 'errors', 'no/such/page'];
  test.each(views.flatMap((view) => [[view, 'light'] as const, [view, 'dark'] as const]))('/%s has nothing against WCAG 2.1 AA, %s', async (view, colorScheme) => {
    await using watched = await openPage(browser, home + view, { colorScheme });
    const { page } = watched;
    await untilLive(page);
    await page.locator('main :is(h1, h2)').first().waitFor({ state: 'attached' });
    await page.waitForLoadState('networkidle');
    expect(await violations(page)).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('the help dialog and the search have nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    await using watched = await openPage(browser, home, { colorScheme });
    const { page } = watched;
    await untilLive(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page, { dialog: true })).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('job');
    await page.getByRole('option', { name: 'Queue jobs' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('every chart can be read as a table', async () => {
    await using watched = await openPage(browser, `${home}queues/jobs`);
    const { page } = watched;
    for (const title of ['Throughput', 'Latency', 'Depth']) {
      expect(await page.getByRole('region', { name: title }).getByRole('img').getAttribute('aria-label')).not.toBe('');
      await page.getByRole('button', { name: `${title} as a table` }).click();
      expect(await page.getByRole('region', { name: `Figures of ${title}` }).getByRole('row').count()).toBeGreaterThan(10);
    }
    expect(await violations(page)).toEqual([]);
  });
});
