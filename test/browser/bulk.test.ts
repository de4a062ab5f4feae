import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { violations } from '../support/axe.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

const THEMES = ['light', 'dark'] as const;

describe.runIf(browserThere)('bulk operations', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
  });

  afterEach(() => running.app.model.collection.deleteMany({}));

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  const dead = (count: number, queueName = 'mail') =>
    running.app.model.collection.insertMany(Array.from({ length: count }, (_, index) => stored(`${queueName}${index}`, { queueName, status: 'dlq', failedAt: new Date() })));
  const archived = () => running.app.model.collection.countDocuments({ status: 'archived', archivedReason: 'known outage' });
  const corner = (page: Page) => page.getByRole('region', { name: 'Bulk operations' });

  async function begin(page: Page, question: string): Promise<void> {
    await page.getByRole('button', { name: /^Act on all/ }).click();
    const dialog = page.getByRole('dialog', { name: question });
    await dialog.getByLabel('Reason').fill('known outage');
    await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
  }

  test('all that match are archived by the server, after a preview, with progress, and the list follows', async () => {
    await dead(300);
    await dead(5, 'jobs');
    await using watched = await openPage(browser, `${home}tasks?status=DLQ&queue=mail`);
    const { page } = watched;
    await page.getByRole('button', { name: 'Act on all matching' }).click();
    const dialog = page.getByRole('dialog', { name: 'Archive 300 executions?' });
    await dialog.getByText('300 executions match now. Others in the list are left alone.').waitFor();
    expect(await dialog.getByRole('list', { name: 'The first of them' }).innerText()).toContain('and 295 more');
    expect(await dialog.getByRole('button', { name: 'Archive', exact: true }).isDisabled()).toBe(true);
    expect(await archived()).toBe(0);

    await dialog.getByLabel('Reason').fill('known outage');
    await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
    const outcome = page.getByRole('dialog', { name: 'Archive 300 executions' });
    const bar = outcome.getByRole('progressbar');
    await bar.waitFor();
    await outcome.getByText('Archived 300 executions.').waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('100');
    expect(await archived()).toBe(300);
    await outcome.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('No task meets these conditions').waitFor();
    expect(await running.app.model.collection.countDocuments({ status: 'dlq' })).toBe(5);

    await corner(page).getByRole('button', { name: 'Dismiss: Archived 300 executions.' }).click();
    await corner(page).waitFor({ state: 'detached' });
    expect(watched.errors).toEqual([]);
    expect(watched.external).toEqual([]);
  });

  test('one goes on when its dialog is closed and the page is loaded anew, and is cancelled from there', async () => {
    await dead(3_000);
    await using watched = await openPage(browser, `${home}tasks?status=DLQ`);
    const { page } = watched;
    await begin(page, 'Archive 3,000 executions?');
    const outcome = page.getByRole('dialog', { name: 'Archive 3,000 executions' });
    await outcome.getByRole('progressbar').waitFor();
    await outcome.getByRole('button', { name: 'Close' }).last().click();
    await corner(page).getByRole('button', { name: /^Archiving/ }).waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Queues' }).first().waitFor();
    await corner(page).getByRole('button', { name: /^Archiving/ }).waitFor();

    await page.reload();
    await corner(page).getByRole('button', { name: /^Archiving/ }).click();
    await outcome.getByRole('button', { name: 'Cancel the rest' }).click();
    await outcome.getByText(/^Cancelled: Archived [\d,]+ executions, [\d,]+ not tried\.$/).waitFor();
    const done = await archived();
    expect(done).toBeLessThan(3_000);
    const [operation] = await running.app.services.bulk.recent(1, { name: 'test', role: 'ADMIN', queues: null });
    expect(operation).toMatchObject({ state: 'CANCELLED', succeeded: done });
    expect(watched.errors).toEqual([]);
  });

  test('what cannot be done is said before it is tried', async () => {
    await dead(3);
    await using watched = await openPage(browser, `${home}tasks?status=DLQ`);
    const { page } = watched;
    await page.getByRole('button', { name: 'Act on all 3 matching' }).click();
    await page.getByLabel('What to do').selectOption('Delete what is archived');
    const dialog = page.getByRole('dialog', { name: 'Delete 0 executions?' });
    await dialog.getByText('Nothing in this list can be dealt with like that.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete what is archived' }).isDisabled()).toBe(true);
    await page.getByLabel('What to do').selectOption('Archive');
    await page.getByLabel('At most').fill('2');
    await page.getByRole('dialog', { name: 'Archive 2 executions?' }).waitFor();
    await page.getByLabel('At most').fill('100000000');
    await page.getByText('limit must be a whole number from 1 to 100000').waitFor();
    expect(watched.errors).toEqual([]);
  });

  test.each(THEMES)('what is asked, what runs and what became of it have nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    await dead(8);
    await running.app.model.collection.insertOne(stored('spent', { queueName: 'mail', status: 'failed', retryCount: 5, failedAt: new Date() }));
    await using watched = await openPage(browser, `${home}tasks?queue=mail`, { colorScheme });
    const { page } = watched;
    await untilLive(page);
    await page.getByRole('button', { name: /^Act on all/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry 9 executions?' });
    await dialog.waitFor();
    expect(await violations(page, { dialog: true })).toEqual([]);
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    const outcome = page.getByRole('dialog', { name: 'Retry 9 executions' });
    await outcome.getByText('Retried 8 executions, 1 failed.').waitFor();
    expect(await outcome.getByRole('list', { name: 'Failed' }).innerText()).toContain('"spent" has used 5 of 5 retries');
    expect(await violations(page, { dialog: true })).toEqual([]);
    await outcome.getByRole('button', { name: 'Close' }).last().click();
    await corner(page).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 780 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
