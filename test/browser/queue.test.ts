import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

const MINUTE = 60_000;

/** What a chart says to those who do not see it. */
function summary(page: Page, title: string) {
  return page.getByRole('region', { name: title, exact: true }).getByRole('img');
}

describe.runIf(browserThere)('the page of a queue', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  const tasks = () => running.app.model.collection;
  beforeEach(async () => {
    await tasks().deleteMany({});
    const ended = (id: string, minutesAgo: number, fields: object) => {
      const at = Date.now() - minutesAgo * MINUTE;
      return stored(id, { queueName: 'jobs', enqueuedAt: new Date(at - 2_000), processingStartedAt: new Date(at - 1_000), ...fields });
    };
    const before = (minutes: number) => new Date(Date.now() - minutes * MINUTE);
    await tasks().insertMany([
      ended('c1', 20, { status: 'completed', completedAt: before(20) }),
      ended('c2', 30, { status: 'completed', completedAt: before(30) }),
      ended('f1', 25, { status: 'failed', failedAt: before(25), errorMessage: 'no answer from 10.0.0.7', errorCategory: 'transient' }),
      stored('p1', { queueName: 'jobs', status: 'processing', processingStartedAt: new Date() }),
      stored('x1', { queueName: 'others', status: 'completed', completedAt: new Date() }),
    ]);
  });

  test('shows what has ended, live: in the counts, the chart, the errors and the list', async () => {
    await using watched = await openPage(browser, `${home}queues/jobs`);
    const { page } = watched;
    await untilLive(page);
    const throughput = summary(page, 'Throughput');
    await throughput.waitFor();
    expect(await throughput.getAttribute('aria-label')).toBe('Throughput per minute: 2 completed, 1 failed, 0 became dead letters');
    expect(await summary(page, 'Latency').getAttribute('aria-label')).toMatch(/^Latency of the runs: p50 at most (1\.0 s|99\d ms|1\.0\d* s)/);

    await tasks().updateOne({ executionId: 'p1' }, { $set: { status: 'dlq', failedAt: new Date(), errorMessage: 'no such log 17', errorCategory: 'validation', updatedAt: new Date() } });
    await page.locator('[aria-label="Throughput per minute: 2 completed, 1 failed, 1 became dead letters"]').waitFor();
    await page.getByRole('region', { name: 'Errors' }).getByText('no such log <n>').waitFor();
    await page.getByRole('region', { name: 'Latest tasks' }).getByRole('row', { name: /jobs:p1 no such log 17 Dead letter/ }).waitFor();
    expect(await page.locator('dl dd').nth(4).innerText()).toBe('1');
    expect(watched.errors).toEqual([]);
  });

  test('draws its charts in a browser whose language is no language tag, as in the locale of POSIX', async () => {
    const before = (page: Page) => page.addInitScript(`Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' })`);
    await using watched = await openPage(browser, `${home}queues/jobs`, { before });
    await summary(watched.page, 'Throughput').waitFor();
    expect(await watched.page.locator('canvas').count()).toBeGreaterThan(0);
    expect(watched.errors).toEqual([]);
  });

  test('is zoomed into by dragging over a chart, keeps that in the URL, and goes back', async () => {
    await using watched = await openPage(browser, `${home}queues/jobs?range=24h`);
    const { page } = watched;
    await summary(page, 'Throughput').waitFor();
    await page.getByText('per 5 minutes').waitFor();
    const box = await page.locator('.u-over').first().boundingBox();
    if (box === null) throw new Error('the chart is not drawn');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.95, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.97, y, { steps: 4 });
    await page.mouse.move(box.x + box.width, y, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    // An hour or so is shown by the minute, what has ended in it among it.
    await page.getByText('per minute').waitFor();
    expect(await summary(page, 'Throughput').getAttribute('aria-label')).toContain('2 completed, 1 failed');
    expect(new URL(page.url()).searchParams.get('zoom')).toMatch(/^\d+-\d+$/);
    await page.reload();
    await page.getByText('per minute').waitFor();
    await page.getByRole('button', { name: 'Reset zoom' }).click();
    await page.getByText('per 5 minutes').waitFor();
    expect(new URL(page.url()).search).toBe('?range=24h');
    expect(watched.errors).toEqual([]);
  });

  test.each(['1h', '6h', '24h', '7d', '30d'])('shows the last %s', async (range) => {
    await using watched = await openPage(browser, `${home}queues/jobs`);
    const { page } = watched;
    await summary(page, 'Throughput').waitFor();
    await page.getByRole('radiogroup', { name: 'Range of the charts' }).getByText(range, { exact: true }).click();
    await page.waitForLoadState('networkidle');
    expect(await summary(page, 'Throughput').getAttribute('aria-label')).toContain('2 completed, 1 failed');
    expect(await summary(page, 'Depth').getAttribute('aria-label')).toMatch(/^How many stood in the queue/);
    expect(watched.errors).toEqual([]);
  });

  test('says so where no execution names the queue, and fills itself when one does', async () => {
    await using watched = await openPage(browser, `${home}queues/not_yet`);
    const { page } = watched;
    await page.getByText('No execution names this queue').waitFor();
    await tasks().insertOne(stored('n1', { queueName: 'not_yet' }));
    await page.getByRole('region', { name: 'Latest tasks' }).getByText('jobs:n1').waitFor();
    expect(watched.errors).toEqual([]);
  });

  test('opens a task of its list with the keyboard', async () => {
    await using watched = await openPage(browser, `${home}queues/jobs`);
    const { page } = watched;
    const list = page.getByRole('region', { name: 'Latest tasks' });
    await list.getByRole('button').first().focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(new URL(page.url()).searchParams.get('task')).not.toBeNull();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(watched.errors).toEqual([]);
  });
});
